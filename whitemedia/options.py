"""Every option once: its name, default, check and one sentence of documentation."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from whitemedia.http.syntax import is_field_value, is_media_type, is_token

if TYPE_CHECKING:
    from wsgiref.headers import Headers

HeadersFunction = Callable[["Headers", str, str], None]
ImmutableTest = Callable[[str, str], bool]
MiB: Final = 1 << 20


class OptionError(ValueError):
    """A wrong option: `option` and `value` say which, `why` what was expected."""

    def __init__(self, option: str, value: object, why: str) -> None:
        super().__init__(option, value, why)
        self.option = option
        self.value = value
        self.why = why

    def __str__(self) -> str:
        return f"{self.option}={self.value!r}: {self.why}"


class OptionFields(TypedDict, total=False):
    """The keyword arguments of `WhiteMedia`, for type checkers; `Options` documents them."""

    max_age: int | None
    allow_all_origins: bool
    charset: str
    mimetypes: Mapping[str, str] | None
    add_headers_function: HeadersFunction | None
    index_file: str | bool | None
    immutable_file_test: str | re.Pattern[str] | ImmutableTest | None
    hidden: Iterable[str]
    follow_symlinks: bool
    unsafe_methods: Literal["refuse", "pass"]
    not_found: Literal["pass", "answer"]
    strict: bool
    compress: Literal["startup", "off"]
    memory_limit: int


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected True or False")
    return value


def _one_of(*words: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"expected {' or '.join(map(repr, words))}")
        return value

    return check


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("expected a whole number, 0 or more")
    return value


def _max_age(value: object) -> int | None:
    return None if value is None else _whole_number(value)


def _charset(value: object) -> str:
    if not isinstance(value, str) or not is_token(value):
        raise ValueError('expected the name of a charset, such as "utf-8"')
    return value


def _mimetypes(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError('expected a mapping such as {".foo": "application/foo"}')
    for name, media_type in value.items():
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(f'{name!r} is neither an extension (".foo") nor the name of a file')
        if not isinstance(media_type, str) or not is_media_type(media_type) or not is_field_value(media_type):
            raise ValueError(f"{media_type!r} for {name!r} is no media type")
    return {name.lower(): media_type for name, media_type in value.items()}


def _headers_function(value: object) -> object:
    if value is not None and not callable(value):
        raise ValueError("expected a callable taking headers, path and url")
    return value


def _index_file(value: object) -> str | None:
    if value is True:
        return "index.html"
    if value is None or value is False:
        return None
    if not isinstance(value, str) or not value or "/" in value or value in (".", ".."):
        raise ValueError("expected True, None or the name of a file, without a slash")
    return value


def _immutable_test(value: object) -> object:
    if isinstance(value, (str, re.Pattern)):
        try:
            pattern = re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"no regular expression: {error}") from error
        return lambda path, url: pattern.search(url) is not None  # noqa: ARG005 - whitenoise's signature
    if value is not None and not callable(value):
        raise ValueError("expected a regular expression or a callable taking path and url")
    return value


def _patterns(value: object) -> tuple[str, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError('expected a sequence of patterns such as (".*", "!.well-known")')
    patterns = tuple(value)
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern.lstrip("!") or "/" in pattern:
            raise ValueError(f"{pattern!r} is no pattern for one segment of a path")
    return patterns


def _option(default: object, check: Callable[[object], object], doc: str) -> Any:
    return dataclasses.field(default=default, metadata={"check": check, "doc": doc})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Checked options. A wrong one raises `OptionError` at construction."""

    max_age: int | None = _option(60, _max_age, "Seconds a response may be reused; None sends no Cache-Control.")
    allow_all_origins: bool = _option(
        True, _flag, "Send `Access-Control-Allow-Origin: *`, which fonts and modules need on a CDN."
    )
    charset: str = _option("utf-8", _charset, "The charset of text types.")
    mimetypes: Mapping[str, str] = _option(
        None, _mimetypes, "Media types by extension (`.foo`) or whole name, before the built-in table."
    )
    add_headers_function: HeadersFunction | None = _option(
        None, _headers_function, "Called once per file with (headers, path, url); may change the headers."
    )
    index_file: str | None = _option(
        None, _index_file, "Name of the file that answers for its directory; True means `index.html`."
    )
    immutable_file_test: ImmutableTest | None = _option(
        None, _immutable_test, "A regex searched in the URL, or a callable (path, url): may it be cached for ever?"
    )
    hidden: tuple[str, ...] = _option(
        (".*", "!.well-known", "*~", "*.swp", "*.bak", "#*#"),
        _patterns,
        "Patterns of names that are answered with 404; the last match wins, a leading `!` re-admits.",
    )
    follow_symlinks: bool = _option(False, _flag, "Serve what links outside the root point to.")
    unsafe_methods: str = _option(
        "refuse", _one_of("refuse", "pass"), "Answer POST and others with 405, or pass them to the application."
    )
    not_found: str = _option(
        "pass", _one_of("pass", "answer"), "Pass what is not found to the application, or answer 404."
    )
    strict: bool = _option(False, _flag, "Raise where a root is missing or something in it cannot be served.")
    compress: str = _option(
        "startup",
        _one_of("startup", "off"),
        "Compress at start what has no compressed sibling, or only use siblings.",
    )
    memory_limit: int = _option(256 * MiB, _whole_number, "Bytes of bodies to hold in memory, over all roots.")

    def __post_init__(self) -> None:
        for option in dataclasses.fields(self):
            value = getattr(self, option.name)
            try:
                object.__setattr__(self, option.name, option.metadata["check"](value))
            except ValueError as error:
                raise OptionError(option.name, value, str(error)) from None


WHOLE_INSTANCE: Final = frozenset({"strict", "compress", "memory_limit"})
"""Options of a `WhiteMedia` that cannot differ between its roots."""

_NAMES: Final = frozenset(option.name for option in dataclasses.fields(Options))


def build_options(given: Mapping[str, Any]) -> Options:
    """Options from keyword arguments; `OptionError` names a wrong or unknown one."""
    _refuse_unknown(given)
    return Options(**given)


def override_options(options: Options, given: Mapping[str, Any]) -> Options:
    """`options` with one root's overrides; `OptionError` also for what only a whole instance can have."""
    _refuse_unknown(given)
    for name in given:
        if name in WHOLE_INSTANCE:
            raise OptionError(name, given[name], "is set once, on WhiteMedia, for all roots")
    return dataclasses.replace(options, **given)


def _refuse_unknown(given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name not in _NAMES:
            near = difflib.get_close_matches(name, _NAMES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise OptionError(name, value, f"no such option{hint}")
