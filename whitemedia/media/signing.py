"""Signed URLs: whoever has one may have the file it names until it expires, and nothing else.

What is signed is the path as PATH_INFO spells it, with the time, so that no spelling of another path has the same
signature. The signature is itsdangerous's HMAC-SHA-256, compared in constant time.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, unquote_to_bytes, urlsplit, urlunsplit

from whitemedia.http.paths import spell
from whitemedia.media.options import MASK
from whitemedia.options import OptionError

LONGEST: Final = 10 * 365 * 24 * 60 * 60
"""Seconds; what is signed for longer is not meant to expire."""

_MAX_FIELDS: Final = 100  # of a query: more is no link that anybody was given
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_TIME: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


class UrlSigner:
    """Signs and verifies with secrets, of which the last one signs. OptionError where itsdangerous is missing."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._signer = _itsdangerous().Signer(
            list(secrets), salt="whitemedia.media", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def sign(self, url: str, path_info: str, expires: int) -> str:
        """`url`, whose path is `path_info`, with the fields that let it be had until `expires` (seconds since 1970), in
        the place of those it had."""
        signature = self._signer.get_signature(_signed(path_info, str(expires))).decode("ascii")
        scheme, netloc, path, query, fragment = urlsplit(url)
        kept = [field for field in query.split("&") if not _is_ours(field)] if query else []
        fields = "&".join((*kept, f"expires={expires}", f"signature={signature}"))
        return urlunsplit((scheme, netloc, path, fields, fragment))

    def admits(self, path_info: str, query: str, now: float) -> bool:
        """Whether the query is that of a URL signed for this path, and not expired. Never raises."""
        try:
            fields = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            return False
        expires = [value for name, value in fields if name == "expires"]
        signatures = [value for name, value in fields if name == "signature"]
        if len(expires) != 1 or len(signatures) != 1 or _TIME.fullmatch(expires[0]) is None:
            return False
        if now >= int(expires[0]) or not signatures[0].isascii():
            return False
        return bool(self._signer.verify_signature(_signed(path_info, expires[0]), signatures[0]))


def path_info_of(url: object) -> str:
    """The path of a URL as PATH_INFO spells it. Raises OptionError for what is no URL."""
    try:  # which drops line breaks: that would be another file's path
        path = urlsplit(url).path if isinstance(url, str) and _CONTROL.search(url) is None else ""
    except ValueError:
        path = ""
    if not path.startswith("/"):
        raise OptionError("url", url, 'expected a URL or its path, such as "/media/report.pdf"')
    return unquote_to_bytes(spell(path).encode("latin-1")).decode("latin-1")


def checked_seconds(expires_in: object) -> float:
    """A time to live in seconds. Raises OptionError."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, (int, float)) or not 0 < expires_in <= LONGEST:
        raise OptionError("expires_in", expires_in, "expected seconds, more than 0 and at most ten years")
    return expires_in


def _is_ours(field: str) -> bool:
    return unquote_plus(field.partition("=")[0]) in ("expires", "signature")


def _signed(path_info: str, expires: str) -> bytes:
    return f"{expires}\n{path_info}".encode("latin-1", "replace")


def _itsdangerous() -> Any:
    try:
        return importlib.import_module("itsdangerous")
    except ImportError:
        raise OptionError("sign_with", MASK, "needs itsdangerous: pip install 'whitemedia[signed]'") from None
