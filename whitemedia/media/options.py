"""Options of a media root. Those that let users' files do more than be seen and saved say so in their names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from whitemedia import checks
from whitemedia.http.syntax import is_field_value, is_media_type
from whitemedia.media.policy import essence_of, runs
from whitemedia.options import CheckedOptions, OptionError, Options, option_field, replace_options

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Authorize = Callable[["WSGIEnvironment", str], bool]
Secrets = str | bytes | Iterable[str | bytes]

MASK: Final = "…"
"""What stands for a secret in messages."""


class MediaFields(TypedDict, total=False):
    """The keyword arguments of `WhiteMedia.add_media`, for type checkers; `MediaOptions` documents them."""

    max_age: int | None
    attachment: bool
    unsafe_inline_types: Iterable[str]
    authorize: Authorize | None
    sign_with: Secrets | None
    cors: Literal["*"] | Iterable[str] | None
    cors_credentials: bool
    cross_origin_resource_policy: Literal["same-origin", "same-site", "cross-origin"] | None
    hidden: Iterable[str]
    mimetypes: Mapping[str, str] | None
    charset: str
    unsafe_methods: Literal["refuse", "pass"]


def _authorize(value: object) -> object:
    if value is not None and not callable(value):
        raise ValueError(
            "expected a callable taking environ and the name below the prefix, returning True or False"
        )
    return value


def _inline_types(value: object) -> frozenset[str]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError('expected a sequence of media types such as ("image/svg+xml",)')
    types = tuple(value)
    for media_type in types:
        if not isinstance(media_type, str) or not is_media_type(media_type) or not is_field_value(media_type):
            raise ValueError(f"{media_type!r} is no media type")
    running = runs(types)
    if running is not None:
        raise ValueError(f"{running!r} is a script's: users' files are never served as one")
    return frozenset(map(essence_of, types))


def _secrets(value: object) -> tuple[bytes, ...]:
    """Secrets as itsdangerous takes them: the last one signs, all of them verify."""
    given = (value,) if isinstance(value, (str, bytes)) else value
    secrets = tuple(given) if isinstance(given, Iterable) else ()
    if not secrets or not all(isinstance(secret, (str, bytes)) and secret for secret in secrets):
        raise ValueError("expected a secret, or a sequence of them of which the last one signs, as str or bytes")
    return tuple(secret.encode() if isinstance(secret, str) else secret for secret in secrets)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MediaOptions(CheckedOptions):
    """Options of `add_media`. A wrong one raises `OptionError`."""

    max_age: int | None = option_field(
        0,
        checks.seconds,
        "Seconds an answer may be reused; with 0 it is asked about each time, None says nothing.",
    )
    attachment: bool = option_field(False, checks.flag, "Let everything be saved and nothing be shown.")
    unsafe_inline_types: frozenset[str] = option_field(
        (), _inline_types, "Media types that are shown, too, in a sandbox: of pages, or of pictures with scripts."
    )
    authorize: Authorize | None = option_field(
        None, _authorize, "A callable (environ, name): may this request have it? 403 if not."
    )
    sign_with: tuple[bytes, ...] | None = option_field(
        None,
        checks.optional(_secrets),
        "Secrets that URLs are signed with, the newest last: what has no valid signature is a 403.",
    )
    cors: str | tuple[str, ...] | None = option_field(
        None, checks.optional(checks.origins), "Origins whose scripts may read the files, or `*`."
    )
    cors_credentials: bool = option_field(False, checks.flag, "Whether the origins of `cors` may send cookies.")
    cross_origin_resource_policy: str | None = option_field(
        "same-site",
        checks.optional(checks.one_of("same-origin", "same-site", "cross-origin")),
        "Who may embed the files: `same-origin`, `same-site` or `cross-origin`.",
    )
    hidden: tuple[str, ...] = option_field(
        Options.hidden, checks.patterns, "Patterns of names that are answered with 404, in either case of letters."
    )
    mimetypes: Mapping[str, str] = option_field(None, checks.media_types, "Media types by extension or name.")
    charset: str = option_field("utf-8", checks.charset, "Charset of text types.")
    unsafe_methods: str = option_field(
        "refuse",
        checks.one_of("refuse", "pass"),
        "Answer POST and others with 405, or pass them to the application.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cors_credentials and (self.cors is None or self.cors == "*"):
            raise OptionError(
                "cors_credentials", True, "browsers take credentials only where `cors` names origins"
            )

    @property
    def is_guarded(self) -> bool:
        """Whether not everybody may have everything."""
        return self.authorize is not None or self.sign_with is not None


def build_media_options(options: Options, given: Mapping[str, Any]) -> MediaOptions:
    """Options of a media root; what is said of names and text for all files counts there too.

    No message repeats a secret, which may also stand under a name that is misspelled.
    """
    inherited = MediaOptions(
        hidden=options.hidden,
        mimetypes=options.mimetypes,
        charset=options.charset,
        unsafe_methods=options.unsafe_methods,
    )
    try:
        return replace_options(inherited, given)
    except OptionError as error:
        if error.option == "sign_with" or error.option not in MediaFields.__annotations__:
            raise OptionError(error.option, MASK, error.why) from None
        raise
