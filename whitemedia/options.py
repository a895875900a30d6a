"""Every option once: its name, default, check and one sentence of documentation."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, TypeVar

from whitemedia import checks
from whitemedia.rules import Rule, parse_globs, parse_rules

if TYPE_CHECKING:
    from wsgiref.headers import Headers

HeadersFunction = Callable[["Headers", str, str], None]
ImmutableTest = Callable[[str, str], bool]
CompressTest = Callable[[str, str, int], bool]
MiB: Final = 1 << 20

HASHED_NAMES: Final = ("django", "esbuild", "parcel", "vite", "webpack")
"""Build tools whose hashed names are known."""


SHOWN: Final = 200
"""Characters of a wrong value that a message repeats."""


class OptionError(ValueError):
    """A wrong option: `option` and `value` say which, `why` what was expected."""

    def __init__(self, option: str, value: object, why: str) -> None:
        super().__init__(option, value, why)
        self.option = option
        self.value = value
        self.why = why

    def __str__(self) -> str:
        shown = repr(self.value)
        return f"{self.option}={shown[:SHOWN]}{'…' * (len(shown) > SHOWN)}: {self.why}"


class OptionFields(TypedDict, total=False):
    """The keyword arguments of `WhiteMedia`, for type checkers; `Options` documents them."""

    max_age: int | None
    allow_all_origins: bool
    charset: str
    mimetypes: Mapping[str, str] | None
    add_headers_function: HeadersFunction | None
    index_file: str | bool | None
    immutable_file_test: str | re.Pattern[str] | ImmutableTest | None
    autorefresh: bool
    immutable: Literal["django", "esbuild", "parcel", "vite", "webpack"] | None
    cors: Literal["*"] | Iterable[str] | None
    cors_credentials: bool
    timing_allow_origin: Literal["*"] | Iterable[str] | None
    cross_origin_resource_policy: Literal["same-origin", "same-site", "cross-origin"] | None
    repr_digest: bool
    rules: Iterable[tuple[str, Mapping[str, str | None]]]
    manifest: str | os.PathLike[str] | None
    clean_urls: bool
    fallback: str | None
    rewrite: bool
    rewrite_except: Iterable[str]
    hidden: Iterable[str]
    follow_symlinks: bool
    unsafe_methods: Literal["refuse", "pass"]
    not_found: Literal["pass", "answer"]
    strict: bool
    compress: Literal["startup", "off"]
    compress_seconds: float
    compress_test: CompressTest | None
    cache_dir: str | os.PathLike[str] | None
    memory_limit: int


def option_field(default: object, check: Callable[[object], object], doc: str) -> Any:
    """One option: its default, what checks it, and its sentence."""
    return dataclasses.field(default=default, metadata={"check": check, "doc": doc})


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckedOptions:
    """Options of which each is checked, and kept as its check returns it. A wrong one raises `OptionError`."""

    def __post_init__(self) -> None:
        for option in dataclasses.fields(self):
            value = getattr(self, option.name)
            try:
                object.__setattr__(self, option.name, option.metadata["check"](value))
            except ValueError as error:
                raise OptionError(option.name, value, str(error)) from None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(CheckedOptions):
    """Options of static files. A wrong one raises `OptionError` at construction."""

    max_age: int | None = option_field(
        60, checks.seconds, "Seconds a response may be reused; None sends no Cache-Control."
    )
    allow_all_origins: bool = option_field(
        True, checks.flag, "Send `Access-Control-Allow-Origin: *`, which fonts and modules need on a CDN."
    )
    charset: str = option_field("utf-8", checks.charset, "The charset of text types.")
    mimetypes: Mapping[str, str] = option_field(
        None, checks.media_types, "Media types by extension (`.foo`) or whole name, before the built-in table."
    )
    add_headers_function: HeadersFunction | None = option_field(
        None, checks.headers_function, "Called once per file with (headers, path, url); may change the headers."
    )
    index_file: str | None = option_field(
        None, checks.index_file, "Name of the file that answers for its directory; True means `index.html`."
    )
    immutable_file_test: ImmutableTest | None = option_field(
        None,
        checks.immutable_test,
        "A regex searched in the URL, or a callable (path, url): may it be cached for ever?",
    )
    autorefresh: bool = option_field(
        False, checks.flag, "For development: look files up at each request, so that changes are seen at once."
    )
    immutable: str | None = option_field(
        None,
        checks.optional(checks.one_of(*HASHED_NAMES)),
        "The build tool whose hashed names may be cached for ever.",
    )
    cors: str | tuple[str, ...] | None = option_field(
        None,
        checks.optional(checks.origins),
        "Origins whose scripts may read the files, or `*`; None follows `allow_all_origins`.",
    )
    cors_credentials: bool = option_field(False, checks.flag, "Whether the origins of `cors` may send cookies.")
    timing_allow_origin: str | tuple[str, ...] | None = option_field(
        None, checks.optional(checks.origins), "Origins that may see how long a file took, or `*`."
    )
    cross_origin_resource_policy: str | None = option_field(
        None,
        checks.optional(checks.one_of("same-origin", "same-site", "cross-origin")),
        "Who may embed the files: `same-origin`, `same-site` or `cross-origin`.",
    )
    rules: tuple[Rule, ...] = option_field(
        (), parse_rules, "Pairs of a glob and its header fields; the first that matches a file's path counts."
    )
    repr_digest: bool = option_field(
        False, checks.flag, "Send the SHA-256 of each representation in `Repr-Digest` (RFC 9530)."
    )
    manifest: str | None = option_field(
        None,
        checks.optional(checks.file_path),
        "The file in which Vite, webpack, esbuild or Parcel wrote what it built, for `url_for` and `tags`.",
    )
    clean_urls: bool = option_field(False, checks.flag, "Serve `about.html` as `about` too.")
    fallback: str | None = option_field(
        None, checks.optional(checks.file_below), "The page for a browser that the application answers with 404."
    )
    rewrite: bool = option_field(
        False, checks.flag, "Have stylesheets, web manifests and source maps' comments name versions of files."
    )
    rewrite_except: tuple[re.Pattern[str], ...] = option_field(
        (), parse_globs, "Globs of the files that are sent as they are in spite of `rewrite`."
    )
    hidden: tuple[str, ...] = option_field(
        (".*", "!.well-known", "*~", "*.swp", "*.bak", "#*#"),
        checks.patterns,
        "Patterns of names that are answered with 404; the last match wins, a leading `!` re-admits.",
    )
    follow_symlinks: bool = option_field(False, checks.flag, "Serve what links outside the root point to.")
    unsafe_methods: str = option_field(
        "refuse",
        checks.one_of("refuse", "pass"),
        "Answer POST and others with 405, or pass them to the application.",
    )
    not_found: str = option_field(
        "pass", checks.one_of("pass", "answer"), "Pass what is not found to the application, or answer 404."
    )
    strict: bool = option_field(
        False, checks.flag, "Raise where a root is missing or something in it cannot be served."
    )
    compress: str = option_field(
        "startup",
        checks.one_of("startup", "off"),
        "Compress at start what has no compressed sibling, or only use siblings.",
    )
    compress_seconds: float = option_field(
        10,
        checks.seconds_to_wait,
        "Seconds to compress for at start; the rest is sent as it is until the next start.",
    )
    compress_test: CompressTest | None = option_field(
        None,
        checks.compress_test,
        "A callable (path, media_type, length): compress it? By default text of 200 bytes or more.",
    )
    cache_dir: str | None = option_field(
        "auto", checks.cache_dir, "Where compressed files are remembered; None remembers nothing."
    )
    memory_limit: int = option_field(
        256 * MiB, checks.whole_number, "Bytes of bodies to hold in memory, over all roots."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cors_credentials and self.allowed_origins == "*":
            raise OptionError(
                "cors_credentials", True, "browsers take credentials only where `cors` names origins"
            )

    def rewrites(self, path: str) -> bool:
        """Whether references in the file at this path below the root are to be rewritten."""
        return self.rewrite and not any(glob.fullmatch(path) for glob in self.rewrite_except)

    @property
    def allowed_origins(self) -> str | tuple[str, ...]:
        """Origins whose scripts may read the files, or "*"."""
        if self.cors is not None:
            return self.cors
        return "*" if self.allow_all_origins else ()


WHOLE_INSTANCE: Final = frozenset(
    {"autorefresh", "strict", "compress", "compress_seconds", "cache_dir", "memory_limit"}
)
"""Options of a `WhiteMedia` that cannot differ between its roots."""

AnyOptions = TypeVar("AnyOptions", bound=CheckedOptions)


def build_options(given: Mapping[str, Any]) -> Options:
    """Options from keyword arguments; `OptionError` names a wrong, an unknown or a contradicting one."""
    return _replace_options(Options(), given)


def override_options(options: Options, given: Mapping[str, Any]) -> Options:
    """`options` with one root's overrides; `OptionError` also for what only a whole instance can have."""
    for name in given:
        if name in WHOLE_INSTANCE:
            raise OptionError(name, given[name], "is set once, on WhiteMedia, for all roots")
    return _replace_options(options, given)


def replace_options(options: AnyOptions, given: Mapping[str, Any]) -> AnyOptions:
    """`options` with what is given by name; `OptionError` names a wrong or an unknown one."""
    names = [option.name for option in dataclasses.fields(options)]
    for name, value in given.items():
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise OptionError(name, value, f"no such option{hint}")
    return dataclasses.replace(options, **given)


def _replace_options(options: Options, given: Mapping[str, Any]) -> Options:
    replaced = replace_options(options, given)
    all_origins = given.get("allow_all_origins")
    if replaced.cors is not None and all_origins is not None and all_origins != (replaced.cors == "*"):
        raise OptionError("allow_all_origins", all_origins, f"contradicts cors={replaced.cors!r}")
    return replaced
