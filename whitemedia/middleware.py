"""WhiteMedia, the WSGI application in front of yours: look up, answer, or pass on."""

from __future__ import annotations

import functools
import logging
import os
import threading
import weakref
from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from whitemedia.arguments import (
    checked_application,
    checked_data,
    checked_live_prefix,
    checked_media_type,
    checked_modified,
    checked_prefix,
    checked_root,
    checked_url_path,
)
from whitemedia.assets.compression import Budget
from whitemedia.assets.directories import index_directory, is_usable
from whitemedia.assets.in_memory import BytesRoot, BytesSource, coded_length, index_bytes, is_bytes_at
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.memory import building_for_good
from whitemedia.assets.outliving import held_by, outliving
from whitemedia.assets.representation import NOT_FOUND, Entry
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.stores import open_store
from whitemedia.assets.table import Live, Table, build_table, with_live, with_outlived
from whitemedia.http.paths import spell
from whitemedia.http.response import Response
from whitemedia.media.exposure import Exposed, Exposure, check_exposure
from whitemedia.media.handoff import HandOff, PrivateRoot, refuse
from whitemedia.media.options import MediaFields, build_media_options
from whitemedia.media.policy import Policy
from whitemedia.media.root import MediaRoot
from whitemedia.media.signing import path_info_of
from whitemedia.options import OptionError, OptionFields, build_options, override_options
from whitemedia.serving.autorefresh import LiveTable
from whitemedia.serving.body import send_wsgi
from whitemedia.serving.fallback import replace_not_found, respond_with_page, wants_page
from whitemedia.serving.intercept import intercept
from whitemedia.serving.responder import respond
from whitemedia.serving.sending import BinaryFile, send

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

KEPT_REFRESHES: Final = 3
"""Refreshes through which an immutable URL is answered on after its file has gone."""

INSTANCES: Final[weakref.WeakSet[WhiteMedia]] = weakref.WeakSet()
"""All there are in this process, for servers that refresh them."""

_log = logging.getLogger("whitemedia")


class WhiteMedia:
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
        self.application = checked_application(application)
        self.options = build_options(options)
        self._store = MemoryStore() if self.options.autorefresh else open_store(self.options.cache_dir)
        self._budget = Budget(self.options.memory_limit)
        self._roots: tuple[Indexed, ...] = ()
        self._indexing = threading.Lock()
        self._adding = threading.Lock()
        self._handoff: HandOff | None = None
        self._outlived: tuple[Mapping[str, Entry], ...] = ()
        self._live: tuple[tuple[str, Live], ...] = ()
        self._exposed: tuple[Exposed, ...] = ()
        self.table: Table = build_table(self._roots)
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
        elif "/." in path or table.guarded:
            return self._respond_to_miss(table, path, environ, start_response)
        else:
            return self.application(environ, start_response)
        if type(response) is Response:  # send_wsgi would do the same, but a call costs a twentieth of a 304
            start_response(response.status, list(response.headers))
            return [] if response.body is None else [response.body]
        if response is None:
            return self.application(environ, start_response)
        return send_wsgi(response, environ, start_response)

    def _respond_to_miss(
        self, table: Table, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """A path that is not in the table but not simply the application's."""
        if path.startswith(table.live_prefixes) and (live := table.live_at(path)) is not None:
            return self._send(live(environ), environ, start_response)
        if not table.checked and "/." not in path:
            return self.application(environ, start_response)
        entry = table.find(path)
        page = table.fallback(path) if entry in (None, NOT_FOUND) and wants_page(environ) else None
        if entry is None and page is not None:
            decide = functools.partial(replace_not_found, page, environ)
            return intercept(self.application, environ, start_response, decide)
        response = None if page is None else respond_with_page(page, environ)
        if response is None and entry is not None:
            response = respond(entry, environ)
        return self._send(response, environ, start_response)

    def _send(
        self, response: Response | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if response is None:
            return self.application(environ, start_response)
        return send_wsgi(response, environ, start_response)

    def add_files(
        self, root: str | os.PathLike[str], prefix: str | None = "/", **overrides: Unpack[OptionFields]
    ) -> None:
        """Index the directory `root` and serve it beneath `prefix`; for one path, the root added last answers.

        `overrides` are options for this root alone. Safe while requests are served. Raises `OptionError`.
        """
        options = override_options(self.options, overrides)
        prefix = checked_prefix(prefix, options)
        directory = DirectoryRoot(checked_root(root), options.hidden, follow_symlinks=options.follow_symlinks)
        exposed = Exposed(directory.path, Exposure.STATIC, directory.hides)
        check_exposure(exposed, self._exposed)
        with self._indexing, building_for_good():
            indexed = index_directory(directory, prefix, options, self._store, self._budget)
            with self._adding:
                self._exposed += (exposed,)
                self._mount((*self._roots, indexed))

    def refresh(self) -> None:
        """Serve what is there now: index every root again, beside the table in use, and put the new one in its place.

        Safe while requests are served: each is answered from the one table or the other. URLs that are immutable and
        whose files are gone are answered on, through KEPT_REFRESHES refreshes, as far as their bytes are in memory
        or in the store. Raises `OptionError` with `strict`, and changes nothing then.
        """
        if self.options.autorefresh:
            return
        with self._indexing, building_for_good():
            budget = Budget(self.options.memory_limit)
            budget.spent = self._store.held
            fresh = {id(root): self._index_again(root, budget) for root in self._roots}
            with self._adding:
                self._swap(fresh, budget)

    def _index_again(self, indexed: Indexed, budget: Budget) -> Indexed:
        if not isinstance(indexed.root, DirectoryRoot):  # what is in memory is as it was
            return indexed
        return index_directory(indexed.root, indexed.prefix, indexed.options, self._store, budget)

    def _swap(self, fresh: Mapping[int, Indexed], budget: Budget) -> None:
        """Put new roots in the place of old ones, and keep of the old table what outlives it."""
        roots = tuple(fresh.get(id(root), root) for root in self._roots)
        held = self._store.held
        self._store.retain(frozenset().union(*(root.digests for root in roots)))
        budget.give_back(held - self._store.held)
        budget.spent += sum(coded_length(root) for root in roots if isinstance(root.root, BytesRoot))
        older = self._outlived[: KEPT_REFRESHES - 1]
        budget.spent += sum(map(held_by, older))
        table = build_table(roots)
        known = table.entries.keys() | {path for entries in self._outlived for path in entries}
        self._outlived = (outliving(self.table.entries, known, budget), *older)
        self._roots, self._budget = roots, budget
        self._serve(table)

    def add_bytes(
        self,
        path: str,
        data: bytes,
        media_type: str | None = None,
        *,
        modified: float | None = None,
        **overrides: Unpack[OptionFields],
    ) -> None:
        """Serve `data` at the URL path `path` ("/robots.txt"), as if it were a file; given again, it is replaced.

        `media_type` is that of the name if it is None, `modified` the time for Last-Modified, in seconds; None sends
        none. `overrides` are options for this path alone. Safe while requests are served. Raises `OptionError`.
        """
        options = override_options(self.options, overrides)
        url_path, data = checked_url_path(path)[1:], checked_data(data)
        given = BytesSource(url_path, data, checked_media_type(media_type), checked_modified(modified))
        with self._adding:
            replaced = [root for root in self._roots if is_bytes_at(root, url_path)]
            freed = sum(coded_length(root) for root in replaced)
            budget = Budget(self._budget.limit - self._budget.spent + freed)
            indexed = index_bytes(given, options, budget)
            self._budget.spent += budget.spent - freed
            self._mount((*(root for root in self._roots if root not in replaced), indexed))

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
            if self._handoff is None:
                policy = Policy(self.options.mimetypes, self.options.charset)
                self.application = self._handoff = HandOff(self.application, policy)
            self._handoff.add_root(private)
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

    def _add_live(self, prefix: str | None, live: Live, exposed: Exposed) -> None:
        is_usable(exposed.path, strict=self.options.strict)  # if not yet: it is looked for at each request
        with self._adding:
            if prefix is not None and spell(prefix) in dict(self._live):
                raise OptionError("prefix", prefix, "is another root's")
            check_exposure(exposed, self._exposed)
            self._exposed += (exposed,)
            if prefix is not None:
                self._live += ((spell(prefix), live),)
                self.table = with_live(self.table, self._live)

    def _mount(self, roots: tuple[Indexed, ...]) -> None:
        self._roots = roots
        if self.options.autorefresh:
            self.table = with_live(LiveTable(roots, self.options.memory_limit), self._live)
        else:
            self._serve(build_table(roots))

    def _serve(self, table: Table) -> None:
        outlived = dict(ChainMap(*map(dict, self._outlived)))
        self.table = with_live(with_outlived(table, outlived), self._live)
