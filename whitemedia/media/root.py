"""A directory whose files come and go while the application runs: each request looks, opens, and answers from that.

Nothing is asked of a path that could have changed before it is used: only what was opened counts.
"""

from __future__ import annotations

import functools
import logging
import math
import time
from typing import TYPE_CHECKING, Final

from whitemedia.assets.files import Opened
from whitemedia.assets.representation import NOSNIFF
from whitemedia.assets.sniffing import HEAD_LENGTH, ask_libmagic
from whitemedia.assets.validators import is_settled
from whitemedia.http.cors import ALLOW_ORIGIN, AllowList
from whitemedia.http.paths import spell, unspell_exactly
from whitemedia.http.response import Header, Response
from whitemedia.media.exposure import Exposed, Exposure
from whitemedia.media.looking import describe, look
from whitemedia.media.names import compile_hidden, is_plain
from whitemedia.media.options import MediaOptions
from whitemedia.media.policy import Policy
from whitemedia.media.signing import UrlSigner, checked_seconds
from whitemedia.options import OptionError
from whitemedia.serving import answers
from whitemedia.serving.live import Found
from whitemedia.serving.responder import SAFE, respond_from_file, respond_to_method, share

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_KEPT: Final = 4096
"""Files of which it is remembered how they are presented; with more it begins anew."""

_log = logging.getLogger("whitemedia")


class MediaRoot:
    """The files of a directory, answered live beneath a prefix."""

    def __init__(self, path: str, prefix: str, options: MediaOptions) -> None:
        self.path = path
        self.prefix = spell(prefix)
        self._signer = None if options.sign_with is None else UrlSigner(options.sign_with)
        self.passes_unsafe = options.unsafe_methods == "pass"
        self.headers = _headers(options)  # what every file has
        self.exposed = Exposed(
            path, Exposure.GUARDED if options.is_guarded else Exposure.MEDIA, compile_hidden(options.hidden)
        )
        self.is_guarded = options.is_guarded
        self.authorizes = options.authorize is not None
        self._authorize = options.authorize
        self._allow_list = _allow_list(options)
        self._hides = self.exposed.hides
        self._policy = Policy(
            options.mimetypes, options.charset, options.unsafe_inline_types, shows=not options.attachment
        )
        self._kept: dict[tuple[str, tuple[int, ...]], Found] = {}

    def __call__(self, environ: WSGIEnvironment) -> Response | None:
        """Answer a request beneath the prefix; None if its method is the application's."""
        response = self._respond(environ)
        if response is None or self._allow_list is None:
            return response
        return share(response, self._allow_list, environ)

    def sign(self, url: str, path_info: str, expires_in: float) -> str:
        """`url`, whose path is `path_info`, signed for so many seconds. Raises OptionError."""
        name = unspell_exactly(path_info[len(self.prefix) :])
        if self._signer is None:
            raise OptionError("url", url, "is of a media root that has no sign_with")
        if name is None or not is_plain(name) or self._hides(name):
            raise OptionError("url", url, "names no file that is served")
        return self._signer.sign(url, path_info, math.ceil(time.time() + checked_seconds(expires_in)))

    def _respond(self, environ: WSGIEnvironment) -> Response | None:
        method = environ["REQUEST_METHOD"]
        if method not in SAFE:
            return respond_to_method(self, environ)
        path_info = environ["PATH_INFO"]
        name = unspell_exactly(path_info[len(self.prefix) :])
        if name is None or not is_plain(name) or self._hides(name):
            return answers.not_found(method)
        if self.is_guarded and not self._admits(environ, path_info, name):
            return answers.forbidden(method)
        return respond_from_file(functools.partial(look, self.path, name, self._describe), name, method, environ)

    def _admits(self, environ: WSGIEnvironment, path_info: str, name: str) -> bool:
        """Whether the request may have a file of this name, if there is one: it is signed for, or authorized."""
        if self._signer is not None and self._signer.admits(
            path_info, environ.get("QUERY_STRING", ""), time.time()
        ):
            return True
        if self._authorize is None:
            return False
        answer = self._authorize(environ, name)
        if not isinstance(answer, bool):  # a coroutine, say, is true
            _log.error("authorize of %r returned %r, which is neither True nor False: refused", self.path, answer)
        return answer is True

    def _describe(self, name: str, opened: Opened) -> Found:
        kept = self._kept.get((name, opened.stat_key))
        if kept is not None:
            return Found(kept.representation, kept.last_modified, opened)
        now = time.time()
        presentation = self._policy.present(name.rpartition("/")[2], opened.read_head(HEAD_LENGTH), ask_libmagic)
        found = describe(name, opened, (*presentation.headers(name), *self.headers), now)
        if is_settled(opened.stat_key, int(now * 1e9)):
            self._keep(name, opened, Found(found.representation, found.last_modified, None))
        return found

    def _keep(self, name: str, opened: Opened, found: Found) -> None:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[name, opened.stat_key] = found


def _headers(options: MediaOptions) -> tuple[Header, ...]:
    fields = []
    control = _cache_control(options)
    if control:
        fields.append(("Cache-Control", control))
    fields.append(NOSNIFF)
    if options.cross_origin_resource_policy is not None:
        fields.append(("Cross-Origin-Resource-Policy", options.cross_origin_resource_policy))
    if options.cors == "*":
        fields.append((ALLOW_ORIGIN, "*"))
    return tuple(fields)


def _cache_control(options: MediaOptions) -> str:
    """What not everybody may have is kept by no cache that is shared."""
    directives = ["private"] if options.is_guarded else []
    if options.max_age == 0:
        directives.append("no-cache")
    elif options.max_age is not None:
        directives += [f"max-age={options.max_age}", *([] if options.is_guarded else ["public"])]
    return ", ".join(directives)


def _allow_list(options: MediaOptions) -> AllowList | None:
    origins = options.cors
    return None if origins is None or isinstance(origins, str) else AllowList(origins, options.cors_credentials)
