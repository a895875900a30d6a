"""What to build: codings, each with its level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from whitemedia.assets.codings import BY_NAME, ZSTD, Coding, available_codings
from whitemedia.options import OptionError

_KNOWN: Final = ", ".join(BY_NAME)


class Target(NamedTuple):
    """A coding to build, at a level of its own scale."""

    coding: Coding
    level: int


def parse_targets(codings: object, levels: object) -> tuple[Target, ...]:
    """Targets from names of codings (None: all that can be written here) and levels by name (None, or without one:
    the smallest bodies). Raises OptionError."""
    named = available_codings() if codings is None else _parse_codings(codings)
    given = _parse_levels(levels)
    for name in given:
        if BY_NAME[name] not in named:
            raise OptionError("levels", levels, f"{name!r} is none of the codings to build")
    return tuple(Target(coding, given.get(coding.name, coding.build_level)) for coding in named)


def _parse_codings(value: object) -> tuple[Coding, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise OptionError("codings", value, f"expected a sequence of {_KNOWN}")
    names = list(value)
    if not names:
        raise OptionError("codings", value, f"expected at least one of {_KNOWN}")
    for name in names:
        if not isinstance(name, str) or name not in BY_NAME:
            raise OptionError("codings", value, f"{name!r} is none of {_KNOWN}")
        if not BY_NAME[name].available():
            raise OptionError("codings", value, f'{name!r} needs an extra: pip install "whitemedia[{ZSTD}]"')
    return tuple(BY_NAME[name] for name in dict.fromkeys(names))


def _parse_levels(value: object) -> Mapping[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError("levels", value, 'expected a mapping such as {"br": 11, "gzip": 9}')
    for name, level in value.items():
        coding = BY_NAME.get(name)
        if coding is None:
            raise OptionError("levels", value, f"{name!r} is none of {_KNOWN}")
        if isinstance(level, bool) or not isinstance(level, int) or level not in coding.levels:
            span = f"{coding.levels.start} to {coding.levels.stop - 1}"
            raise OptionError("levels", value, f"{name} has levels {span}, not {level!r}")
    return value
