"""Rules: header fields for the files whose path matches a glob."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from whitemedia.http.dates import parse_date
from whitemedia.http.fields import why_no_name, why_no_value

_GLOB: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_GLOB_PART: Final = re.compile(r"\*\*/|\*\*|\*|\?|\[(?P<negated>!?)(?P<members>\]?[^\]/]*)\]|.", re.DOTALL)

_MEMBER: Final = re.compile(r"(.)(?:-(.))?", re.DOTALL)  # a character, or a range


class Rule(NamedTuple):
    """Fields for files whose path below the prefix matches the pattern as a whole; None removes a field."""

    pattern: re.Pattern[str]
    fields: tuple[tuple[str, str | None], ...]


def parse_rules(value: object) -> tuple[Rule, ...]:
    """Rules from a sequence of (glob, fields). Raises ValueError."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ValueError('expected a sequence of (glob, fields) such as [("*.pdf", {"X-Robots-Tag": "noindex"})]')
    return tuple(rule if isinstance(rule, Rule) else _parse_rule(rule) for rule in value)


def parse_globs(value: object) -> tuple[re.Pattern[str], ...]:
    """Patterns from a sequence of globs. Raises ValueError."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError('expected a sequence of globs such as ["vendor/**"]')
    return tuple(glob if isinstance(glob, re.Pattern) else _parse_glob(glob) for glob in value)


def first_match(rules: Iterable[Rule], path: str) -> Rule | None:
    """The first rule that matches a path below the prefix."""
    return next((rule for rule in rules if rule.pattern.fullmatch(path)), None)


def compile_glob(glob: str) -> re.Pattern[str]:
    """A pattern for whole paths. `*`, `?` and `[a-z]` stay in a segment, `**` crosses; `**/` is any folders, or none."""
    parts = (_translate(match) for match in _GLOB_PART.finditer(glob))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error as error:
        raise ValueError(f"{glob!r} is no glob: {error}") from None


def _translate(match: re.Match[str]) -> str:
    if not match["members"]:
        return _GLOB.get(match[0]) or re.escape(match[0])
    members = "".join("-".join(map(re.escape, filter(None, part))) for part in _MEMBER.findall(match["members"]))
    return f"(?!/)[{'^' * bool(match['negated'])}{members}]"


def _parse_rule(value: object) -> Rule:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{value!r} is no pair of a glob and its fields")
    glob, fields = value
    pattern = _parse_glob(glob)
    if not isinstance(fields, Mapping):
        raise ValueError(f"{fields!r}, for {glob!r}, is no mapping of fields")
    for name, text in fields.items():
        why = why_no_name(name) or (None if text is None else _why_no_value(name, text))
        if why is not None:
            raise ValueError(f"for {glob!r} the field {name!r} {why}")
    return Rule(pattern, tuple(fields.items()))


def _parse_glob(glob: object) -> re.Pattern[str]:
    if not isinstance(glob, str) or not glob or glob.startswith("/"):
        raise ValueError(f"{glob!r} is no glob on the path below the prefix, which has no slash in front")
    return compile_glob(glob)


def _why_no_value(name: str, text: object) -> str | None:
    why = why_no_value(name, text)
    if why is None and name.lower() == "last-modified" and parse_date(str(text), 0) is None:
        return f"has {text!r}, which is no HTTP date"
    return why
