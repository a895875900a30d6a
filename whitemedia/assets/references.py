"""Finding references: what stylesheets, web manifests and the last lines of scripts say of other files.

Everything is found in the bytes as they are, in one pass, so that a reference can be replaced and all else stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from whitemedia.http.references import path_of_reference


class Reference(NamedTuple):
    """A URL at the bytes [start, stop), in a line counted from 1, without the escapes of what it stands in."""

    start: int
    stop: int
    line: int
    url: str
    is_map: bool = False

    @property
    def is_escaped(self) -> bool:
        """Whether it does not stand there as it is."""
        return self.stop - self.start != len(self.url.encode("utf-8", "surrogateescape"))


class Edit(NamedTuple):
    """What is to stand at the bytes [start, stop)."""

    start: int
    stop: int
    text: bytes


CSS: Final = "text/css"
SCRIPT: Final = "text/javascript"
MANIFEST: Final = "application/manifest+json"
_JSON: Final = "application/json"

_CSS_PIECES: Final = {
    b"space": rb"[ \t\r\n\f]",
    b"hex": rb"[0-9a-f]{1,6}(?:\r\n|[ \t\r\n\f])?",
    b"name": rb"[-\w\0\x80-\xff]",
    b"plain": rb"""[^"'()\\\0-\x20\x7f]""",
}
_CSS_TOKEN: Final = re.compile(  # what comes after a loop cannot fail, so nothing is tried twice
    rb"""
      /\*(?P<comment>.*?)(?:\*/|\Z)
    | \\(?:%(hex)b|[^\n\r\f])%(name)b*
    | @(?P<rule>import|namespace)(?!%(name)b|\\[^\n\r\f])
    | (?P<end>;)
    | (?:(?<!%(name)b)(?<![#@])(?P<url>url\()%(space)b*)?
      (?:"(?P<double>[^"\\\n\r\f]*(?:\\(?:%(hex)b|\r\n|[^0-9a-f])[^"\\\n\r\f]*)*)(?P<closed>"|\\?\Z)?
        |'(?P<single>[^'\\\n\r\f]*(?:\\(?:%(hex)b|\r\n|[^0-9a-f])[^'\\\n\r\f]*)*)(?P<shut>'|\\?\Z)?)
    | (?<!%(name)b)(?<![#@])url\(%(space)b*
      (?P<bare>%(plain)b*(?:\\(?:%(hex)b|[^0-9a-f\n\r\f])%(plain)b*)*)%(space)b*
      (?:(?P<complete>\)|\Z)|[^)\\]*(?:\\.[^)\\]*)*)
    """
    % _CSS_PIECES,
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_CSS_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\n\r\f])|(.))", re.DOTALL)
_CSS_GAP: Final = re.compile(rb"(?:[ \t\r\n\f]|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*")
_MAP_IN_COMMENT: Final = re.compile(rb"[#@][ \t]*sourceMappingURL=([^\s'\"*]+)[ \t\r\n]*")
_MAP_MARK: Final = b"sourceMappingURL="
_MAP_BEFORE: Final = re.compile(rb"//[#@][ \t]*\Z")
_MAP_URL: Final = re.compile(rb"[^\s'\"`]+")
_JSON_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_JSON_COLON: Final = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
"""How a file begins whose characters have two bytes: it is left as it is."""


def kind_of(media_type: str, url_path: str) -> str | None:
    """How references stand in a file, if any may: CSS, SCRIPT or MANIFEST."""
    if media_type in (CSS, SCRIPT, MANIFEST):
        return media_type
    is_manifest = media_type == _JSON and url_path.rpartition("/")[2] == "manifest.json"
    return MANIFEST if is_manifest else None


def find_references(kind: str, data: bytes) -> tuple[Reference, ...]:
    """All references by path in a file of this kind, in their order."""
    if data.startswith(_WIDE):
        return ()
    found = {CSS: _in_css, SCRIPT: _in_script, MANIFEST: _in_manifest}[kind](data)
    return tuple(_with_lines(sorted(one for one in found if path_of_reference(one.url)), data))


def apply_edits(data: bytes, edits: tuple[Edit, ...]) -> bytes:
    """`data` with the edits, which are in order, made."""
    parts, at = [], 0
    for start, stop, text in edits:
        parts += [data[at:start], text]
        at = stop
    return b"".join([*parts, data[at:]])


def format_references(references: tuple[Reference, ...]) -> bytes:
    """References as a store keeps them; nothing for none."""
    return json.dumps(references).encode("ascii") if references else b""


def parse_references(data: bytes) -> tuple[Reference, ...]:
    """What `format_references` made."""
    return tuple(Reference(*fields) for fields in json.loads(data)) if data else ()


def _with_lines(found: Iterable[Reference], data: bytes) -> Iterator[Reference]:
    at, line = 0, 1
    for reference in found:
        line += data.count(b"\n", at, reference.start)
        at = reference.start
        yield reference._replace(line=line)


def _in_css(data: bytes) -> Iterator[Reference]:
    source_map: Reference | None = None
    rule, gap = b"", -1  # the rule that a string right after it belongs to, and where that would begin
    for match in _CSS_TOKEN.finditer(data):
        kind = match.lastgroup
        if kind == "comment":
            named = _MAP_IN_COMMENT.fullmatch(match["comment"])
            if named is not None:
                start, stop = (match.start("comment") + at for at in named.span(1))
                source_map = Reference(start, stop, 0, _text(named[1]), is_map=True)
        elif kind == "rule" and rule != b"namespace":
            rule = match["rule"].lower()
            gap = _end_of_gap(data, match.end()) if rule == b"import" else -1
        elif kind == "end":
            rule = b""
        elif rule == b"namespace":
            continue
        elif kind == "complete":
            yield from _css_url(match, "bare")
        elif kind in ("closed", "shut") and (match["url"] or match.start() == gap):
            yield from _css_url(match, "double" if kind == "closed" else "single")
    if source_map is not None:
        yield source_map


def _end_of_gap(data: bytes, start: int) -> int:
    match = _CSS_GAP.match(data, start)
    return start if match is None else match.end()


def _css_url(match: re.Match[bytes], group: str) -> Iterator[Reference]:
    url = _CSS_ESCAPE.sub(_unescape, _text(match[group]))
    yield Reference(*match.span(group), 0, url)


def _unescape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[3] or ""
    number = int(match[1], 16)
    return chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"


def _in_script(data: bytes) -> Iterator[Reference]:
    """The source map, where nothing but comments follows (ECMA-426, section 11.1.2.1)."""
    mark = data.rfind(_MAP_MARK)
    if mark < 0 or not _MAP_BEFORE.search(data, max(mark - 16, 0), mark):
        return
    url = _MAP_URL.match(data, mark + len(_MAP_MARK))
    if url is None:
        return
    rest = data[url.end() :].split(b"\n")
    if not rest[0].strip() and all(line.lstrip().startswith(b"//") or not line.strip() for line in rest[1:]):
        yield Reference(*url.span(), 0, _text(url[0]), is_map=True)


def _in_manifest(data: bytes) -> Iterator[Reference]:
    """The images of a web application manifest: whatever is a `src`."""
    if not _is_manifest(data):
        return
    before = None
    for match in _JSON_STRING.finditer(data):
        if (
            before is not None
            and before[0] == b'"src"'
            and _JSON_COLON.fullmatch(data, before.end(), match.start())
        ):
            yield Reference(match.start() + 1, match.end() - 1, 0, json.loads(match[0]))
        before = match


def _is_manifest(data: bytes) -> bool:
    try:
        value = json.loads(data.decode("utf-8-sig"))  # in any other encoding it is left as it is
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and any(isinstance(value.get(key), list) for key in ("icons", "screenshots"))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
