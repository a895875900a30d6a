"""WhiteMedia, the WSGI application in front of yours: look up, answer, or pass on."""

from __future__ import annotations

import functools
import logging
import os
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from whitemedia.arguments import (
    checked_application,
    checked_live_prefix,
    checked_root,
)
from whitemedia.assets.representation import PackedResponse
from whitemedia.assets.resource import NOT_FOUND
from whitemedia.assets.table import Earlier, Table
from whitemedia.http.response import Response
from whitemedia.media.handoff import HandOff, refuse
from whitemedia.media.options import MediaFields, build_media_options
from whitemedia.media.policy import Policy
from whitemedia.media.root import MediaRoot
from whitemedia.media.signing import path_info_of
from whitemedia.media.targets import PrivateRoot
from whitemedia.naming import Names
from whitemedia.options import OptionError, OptionFields, build_options
from whitemedia.serving.body import send_wsgi
from whitemedia.serving.fallback import StandIn, replace_not_found, respond_with_page, wants_page
from whitemedia.serving.intercept import intercept
from whitemedia.serving.responder import respond
from whitemedia.serving.sending import BinaryFile, send
from whitemedia.serving.versions import respond_to_version

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

INSTANCES: Final[weakref.WeakSet[WhiteMedia]] = weakref.WeakSet()
"""All there are in this process, for servers that refresh them."""

_log = logging.getLogger("whitemedia")


class WhiteMedia(Names):
    """A WSGI application that answers for the files it has indexed and passes everything else to `application`.

    `root` is a directory (str or PathLike) and `prefix` the URL path it is mounted at; more are added with
    `add_files`. The options, with their defaults, are those of `whitemedia.options.Options`. What is wrong raises
    `OptionError`, which names option and value.
    """

    def __init__(
        self,
        application: WSGIApplication,
        root: str | os.PathLike[str] | None = None,
        prefix: str | None = "/",
        **options: Unpack[OptionFields],
    ) -> None:
        super().__init__(build_options(options))
        self.application = checked_application(application)
        self.handoff: HandOff | None = None
        INSTANCES.add(self)
        if root is not None:
            self.add_files(root, prefix)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or let the application answer (PEP 3333)."""
        try:
            path = environ["PATH_INFO"]
        except KeyError:  # which costs nothing where it is there
            path = ""
        table = self.table
        if path in table.entries:
            response = respond(table.entries[path], environ)
        elif table.telltale in path and path.startswith(table.prefixes):
            return self._answer_miss(table, path, environ, start_response)
        else:
            return self.application(environ, start_response)
        if type(response) is Response:  # send_wsgi would do the same, but a call costs a twentieth of a 304
            start_response(response.status, list(response.headers))
            return [response.body or b""]
        if type(response) is PackedResponse:
            start_response(response.status, list(response.headers))
            return [response.packed.read()]
        if response is None:
            return self.application(environ, start_response)
        return send_wsgi(response, environ, start_response)

    def _answer_miss(
        self, table: Table, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        response = self.respond_to_miss(table, path, environ)
        if response is None:
            return self.application(environ, start_response)
        if isinstance(response, StandIn):
            decide = functools.partial(replace_not_found, response.page, environ)
            return intercept(self.application, environ, start_response, decide)
        return send_wsgi(response, environ, start_response)

    def respond_to_miss(self, table: Table, path: str, environ: WSGIEnvironment) -> Response | StandIn | None:
        """Answer for a path that is not in the table but not simply the application's; None if it is that after all."""
        if path.startswith(table.live_prefixes) and (live := table.live_at(path)) is not None:
            return live(environ)
        if table.guards_versions and (found := table.earlier(path)) is not None:
            earlier = self._respond_to_version(found, environ)
            if earlier is not None or found.resources is not None:
                return earlier
        if not table.checked and "/." not in path:
            return None
        entry = table.find(path)
        page = table.fallback(path) if entry in (None, NOT_FOUND) and wants_page(environ) else None
        if entry is None:
            return None if page is None else StandIn(page)
        response = None if page is None else respond_with_page(page, environ)
        return respond(entry, environ) if response is None else response

    def _respond_to_version(self, found: Earlier, environ: WSGIEnvironment) -> Response | None:
        seen = self._store.seen
        digest = seen.digest(self._seen_path(found.path, found.mount.root), found.version)
        data = None if digest is None else seen.body(digest)
        return respond_to_version(found, digest, data, environ)

    def send(
        self,
        body: bytes | bytearray | memoryview | BinaryFile,
        *,
        name: str,
        media_type: str | None = None,
        attachment: bool = False,
    ) -> WSGIApplication:
        """An application that answers one request with what yours made: bytes, or a seekable binary file.

        It answers GET and HEAD with entity tag, preconditions and ranges, any other method with the whole, and is
        to be revalidated (`no-cache`). `name` is what the body is saved as, offered by the browser or, as
        `attachment`, always; it decides the media type where `media_type` does not. A file is sent from its
        start, once, and then closed. Raises `OptionError`.
        """
        charset, media_types = self.options.charset, self.options.mimetypes
        return send(
            body, name=name, media_type=media_type, attachment=attachment, charset=charset, mimetypes=media_types
        )

    def add_media(
        self, root: str | os.PathLike[str], prefix: str = "/media/", **options: Unpack[MediaFields]
    ) -> None:
        """Serve the files in the directory `root`, which come and go, and which users wrote, beneath `prefix`.

        Each is looked for when it is asked for; of what it may be to a browser, `whitemedia.media.policy` decides.
        `options` are those of `whitemedia.media.options.MediaOptions`. Whatever is not there is a 404, and none of it
        reaches the application. Safe while requests are served. Raises `OptionError`.
        """
        path, prefix = checked_root(root), checked_live_prefix(prefix)
        live = MediaRoot(path, prefix, build_media_options(self.options, options))
        self._add_live(prefix, live, live.exposed)
        _log.info("serving media of %r at %r", path, prefix)

    def add_private(self, root: str | os.PathLike[str], prefix: str | None = None) -> None:
        """Send files in the directory `root` where, and only where, the application hands them off.

        It answers with `X-Accel-Redirect: {prefix}name` or with `X-Sendfile:` and the file's path; its status and fields
        are kept. What is asked for beneath `prefix` itself is a 404; None hands off by path alone. Raises `OptionError`.
        """
        path = checked_root(root)
        private = PrivateRoot(path, None if prefix is None else checked_live_prefix(prefix))
        self._add_live(private.prefix, refuse, private.exposed)
        with self._adding:
            if self.handoff is None:
                policy = Policy(self.options.mimetypes, self.options.charset)
                self.application = self.handoff = HandOff(self.application, policy)
            self.handoff.add_root(private)
        _log.info("sending files of %r that the application hands off", path)

    def sign(self, url: str, expires_in: float) -> str:
        """`url`, a URL or path beneath the prefix of a media root that has `sign_with`, signed for `expires_in` seconds.

        Whoever has it may have this file until then. What is mounted elsewhere is signed without the mount point
        (SCRIPT_NAME). Raises `OptionError`.
        """
        live = self.table.live_at(path_info := path_info_of(url))
        if not isinstance(live, MediaRoot):
            raise OptionError("url", url, "is beneath no prefix of a media root")
        return live.sign(url, path_info, expires_in)
