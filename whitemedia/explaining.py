"""What answers a URL, and why: the file, its representations, its fields, or what is in the way.

The status and the fields are those that a request gets, for one is made, without the application. The reasons are of
the index and of what is on disk now, which may have changed since.
"""

from __future__ import annotations

import copy
import difflib
import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from whitemedia.assets.representation import Source
from whitemedia.assets.resource import Entry, Refused, Resource, resource_of
from whitemedia.assets.roots import Directory, Skipped
from whitemedia.http.paths import spell, unspell, unspell_exactly
from whitemedia.http.response import Header
from whitemedia.http.versions import split_version, with_version
from whitemedia.media.handoff import refuse
from whitemedia.media.root import MediaRoot
from whitemedia.media.signing import path_info_of

if TYPE_CHECKING:
    from whitemedia.assets.indexing import Indexed
    from whitemedia.middleware import WhiteMedia

NEAR: Final = 3
"""Names like the one that is not there, at most."""

_FORBIDDING: Final = {"no-store": "kept by nobody", "no-cache": "kept, and asked about each time"}
_MAX_AGE: Final = re.compile(r"max-age=([0-9]+)")


class Outcome(enum.Enum):
    """What becomes of a request."""

    FILE = "a static file"
    REDIRECT = "a redirect"
    MEDIA = "a file that comes and goes"
    REFUSED = "refused"
    PASSED_ON = "passed on to the application"


class Coded(NamedTuple):
    """One representation: its content coding, its length, its entity tag."""

    coding: str
    length: int
    etag: str


class Explanation(NamedTuple):
    """What becomes of a GET for `path`, which is decoded. `file` is the path on disk of what is, or would be, sent,
    `prefix` that of its root; `headers` are those without any content coding; `near` are URL paths like it. What is
    not told is empty."""

    path: str
    outcome: Outcome
    why: str
    file: str = ""
    prefix: str = ""
    status: str = ""
    headers: tuple[Header, ...] = ()
    representations: tuple[Coded, ...] = ()
    lifetime: str = ""
    versioned: str = ""
    near: tuple[str, ...] = ()


def explain(whitemedia: WhiteMedia, url: str) -> Explanation:
    """What becomes of a GET for `url`, a URL or its path, in `whitemedia`. Raises OptionError for what is no URL."""
    path = path_info_of(url)
    entry = _entry(whitemedia, path)
    resource = resource_of(entry)
    if resource is not None:
        return _answered(whitemedia, path, _of_resource(whitemedia, path, resource))
    if entry is not None and not isinstance(entry, Refused):
        why = "a directory is called with a slash at its end, and its index by the directory's name"
        return _answered(whitemedia, path, _told(path, Outcome.REDIRECT, why))
    live = whitemedia.table.live_at(path)
    if isinstance(live, MediaRoot):
        return _of_media(whitemedia, path, live)
    if live is refuse:
        why = "a private root's: only what the application hands off is sent"
        return _answered(whitemedia, path, _told(path, Outcome.REFUSED, why))
    return _of_miss(whitemedia, path)


def format_explanation(explanation: Explanation) -> Iterator[str]:
    """An explanation as lines for people. Names in them are as they are: whoever prints them escapes them."""
    yield f"{explanation.path}: {explanation.outcome.value}{f', {explanation.status}' if explanation.status else ''}"
    yield f"  why: {explanation.why}"
    for noun in ("file", "prefix", "versioned", "lifetime"):
        value = getattr(explanation, noun)
        if value:
            yield f"  {noun}: {value}"
    for coding, length, etag in explanation.representations:
        yield f"  {coding}: {length:,} bytes, ETag {etag}"
    yield from (f"  {name}: {value}" for name, value in explanation.headers)
    if explanation.near:
        yield f"  near it: {', '.join(explanation.near)}"


def lifetime_of(headers: Iterable[Header]) -> str:
    """How long an answer may be kept, in words."""
    directives = ",".join(value for name, value in headers if name.lower() == "cache-control").lower()
    for directive, words in _FORBIDDING.items():
        if directive in directives:
            return words
    age = _MAX_AGE.search(directives)
    if age is None:
        return "as long as a cache sees fit"
    return f"{int(age[1]):,} seconds{', without asking even on reload' * ('immutable' in directives)}"


def _entry(whitemedia: WhiteMedia, path: str) -> Entry | None:
    table = whitemedia.table
    return table.entries[path] if path in table.entries else table.at(path)


def _told(path: str, outcome: Outcome, why: str, **more: Any) -> Explanation:
    return Explanation(unspell(path), outcome, why, **more)


def _of_resource(whitemedia: WhiteMedia, path: str, resource: Resource) -> Explanation:
    source = resource.source
    contents: Mapping[str, Any] = resource.contents
    why = "its name is in the index" if source.path else "it was added as bytes"
    if whitemedia.options.autorefresh and source.path:
        why = "its file is there (autorefresh: nothing is compressed, and everything is looked for each time)"
    earlier, now = whitemedia.table.earlier(path), source.root.look(source.url_path)
    if earlier is not None and earlier.resources is not None:
        why = (
            f"a version of {unspell(earlier.path)} that is not the one there is now, kept since it was handed out"
        )
    elif source.path and not isinstance(now, Source):
        why += "; its file is gone since"
    elif isinstance(now, Source) and now.stat_key != source.stat_key:
        why += "; its file has changed since, which is seen after a refresh or a restart"
    return _told(
        path,
        Outcome.FILE,
        why,
        file=source.path,
        prefix=next((root.prefix for root in whitemedia.roots if root.root is source.root), ""),
        representations=tuple(
            Coded(coding, contents[coding].length, contents[coding].etag) for coding in resource.codings
        ),
        versioned="" if resource.version is None else unspell(with_version(path, resource.version)),
    )


def _of_media(whitemedia: WhiteMedia, path: str, live: MediaRoot) -> Explanation:
    name = unspell_exactly(path[len(live.prefix) :]) or ""
    told = _told(path, Outcome.MEDIA, "", file=f"{live.path}/{name}", prefix=unspell(live.prefix))
    if live.is_guarded:  # whoever decides may look at the request's session, which there is none of
        return told._replace(why="403, but for who has a signed URL or is authorized")
    answered = _answered(whitemedia, path, told)
    if answered.status.startswith("404"):
        why = "it is hidden, or there is no file of this name now; what is a link is never followed"
        return answered._replace(outcome=Outcome.REFUSED, why=why)
    return answered._replace(why="it is there now: it is looked for at each request")


def _of_miss(whitemedia: WhiteMedia, path: str) -> Explanation:
    """What is not there, as the roots beneath whose prefix it lies tell, the one added last first."""
    outcome = _answered(whitemedia, path, _told(path, Outcome.REFUSED, ""))
    roots = [root for root in reversed(whitemedia.roots) if path.startswith(spell(root.prefix))]
    if not roots:
        prefixes = sorted(
            {root.prefix for root in whitemedia.roots} | {unspell(p) for p in whitemedia.table.live_prefixes}
        )
        return outcome._replace(
            why=f"it is beneath no prefix that is served ({', '.join(prefixes) or 'there is none'})"
        )
    earlier = whitemedia.table.earlier(path)
    if earlier is not None and earlier.resources is not None:
        return _of_version(outcome, unspell(earlier.path))
    if outcome.status.startswith("200"):
        why = (
            "a version that was handed out of what is not there, or not yet: the store has it from another release"
        )
        return outcome._replace(outcome=Outcome.FILE, why=why)
    whys = [(root, _why_not(root, path)) for root in roots]
    root, why = next((pair for pair in whys if not pair[1].startswith("no file")), whys[0])
    near = _near(whitemedia, path)
    return outcome._replace(why=why, prefix=root.prefix, file=_file(root, path), near=near)


def _of_version(answered: Explanation, plain: str) -> Explanation:
    """A versioned name of another version than there is now."""
    if answered.status.startswith("404"):
        return answered._replace(why=f"a version of {plain} that nobody was ever given", near=(plain,))
    why = f"a version of {plain} that is not the one there is now, but was handed out"
    return answered._replace(outcome=Outcome.FILE, why=why, near=(plain,))


def _why_not(indexed: Indexed, path: str) -> str:
    """Why a root has nothing at a path: that begins with "no file" if there is nothing on disk either."""
    url_path = _url_path(indexed, path)
    known = _skipped(indexed, url_path)
    now = indexed.root.look(url_path)
    if known is None and isinstance(now, Skipped):
        known = now
    if known is not None:
        return f"{known.why.value}: {known.path}"
    hidden = next(filter(indexed.root.hides, url_path.split("/")), None)
    if hidden is not None:
        return f"hidden: nothing is served that is called {hidden!r}"
    if isinstance(now, Source):
        return "its file came after the index was made; it is served after a refresh or a restart"
    if isinstance(now, Directory) or not url_path:
        return "it is a directory, and no index_file answers for it"
    return f"no file is called so beneath {indexed.root.path}"


def _skipped(indexed: Indexed, url_path: str) -> Skipped | None:
    """What the index says of a path, or of a directory above it."""
    found = (item for item in indexed.skipped if item.url_path == url_path)
    above = (item for item in indexed.skipped if item.subtree and url_path.startswith(f"{item.url_path}/"))
    return next(found, None) or next(above, None)


def _url_path(indexed: Indexed, path: str) -> str:
    return (unspell_exactly(path[len(spell(indexed.prefix)) :]) or "").rstrip("/")


def _file(indexed: Indexed, path: str) -> str:
    """Where the file would be."""
    return f"{indexed.root.path}/{_url_path(indexed, path)}"


def _near(whitemedia: WhiteMedia, path: str) -> tuple[str, ...]:
    """Files of the same name in other folders, else those whose paths are like it."""
    split = split_version(path)
    wanted = path if split is None else split[0]
    name, names = wanted.rpartition("/")[2], sorted(set(_names(whitemedia)))
    same = [one for one in names if name and one.rpartition("/")[2] == name]
    return tuple(map(unspell, same[:NEAR] or difflib.get_close_matches(wanted, names, n=NEAR)))


def _names(whitemedia: WhiteMedia) -> Iterator[str]:
    """The plain names of all files, as PATH_INFO spells them."""
    for indexed in whitemedia.roots:
        sources = [resource.source for resource in indexed.resources] or indexed.root.sources()
        yield from (spell(indexed.prefix + one.url_path) for one in sources if isinstance(one, Source))


def _answered(whitemedia: WhiteMedia, path: str, told: Explanation) -> Explanation:
    """With status and fields of the answer to a HEAD; where there is none, it is the application's."""
    asked = copy.copy(whitemedia)
    passed_on: list[bool] = []
    started: list[tuple[str, list[Header]]] = []

    def application(environ: object, start_response: object) -> Iterable[bytes]:  # noqa: ARG001
        passed_on.append(True)
        return []

    def start_response(status: str, headers: list[Header], exc_info: object = None) -> Any:  # noqa: ARG001
        started.append((status, headers))

    asked.application = application
    environ = {"REQUEST_METHOD": "HEAD", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": ""}
    body = asked(environ, start_response)
    getattr(body, "close", lambda: None)()
    if passed_on or not started:
        return told._replace(outcome=Outcome.PASSED_ON)
    status, headers = started[0]
    return told._replace(status=status, headers=tuple(headers), lifetime=lifetime_of(headers))
