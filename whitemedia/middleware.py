"""WhiteMedia, the WSGI application in front of yours: look up, answer, or pass on."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from whitemedia.assets.compression import Budget
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.report import report
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.table import build_table
from whitemedia.http.paths import normalize_prefix
from whitemedia.http.response import Response
from whitemedia.options import OptionError, OptionFields, Options, build_options, override_options
from whitemedia.serving.body import send_wsgi
from whitemedia.serving.responder import refuse, respond

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

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
        self.application = _checked_application(application)
        self.options = build_options(options)
        self._store = MemoryStore()
        self._budget = Budget(self.options.memory_limit)
        self._roots: tuple[Indexed, ...] = ()
        self._adding = threading.Lock()
        self.table = build_table(self._roots)
        if root is not None:
            self.add_files(root, prefix)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or let the application answer (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        table = self.table
        if path in table.entries:
            response = respond(table.entries[path], environ)
        elif "/." in path or table.guarded:
            response = refuse(table, path, environ)
        else:
            return self.application(environ, start_response)
        if type(response) is Response:  # send_wsgi would do the same, but a call costs a twentieth of a 304
            start_response(response.status, list(response.headers))
            return [] if response.body is None else [response.body]
        if response is None:
            return self.application(environ, start_response)
        return send_wsgi(response, environ, start_response)

    def add_files(
        self, root: str | os.PathLike[str], prefix: str | None = "/", **overrides: Unpack[OptionFields]
    ) -> None:
        """Index the directory `root` and serve it beneath `prefix`; for one path, the root added last answers.

        `overrides` are options for this root alone. Safe while requests are served. Raises `OptionError`.
        """
        started = time.perf_counter()
        options = override_options(self.options, overrides)
        prefix = _checked_prefix(prefix, options)
        directory = DirectoryRoot(_checked_path(root), options.hidden, follow_symlinks=options.follow_symlinks)
        problem = _problem(directory.path)
        if problem is None:
            indexed = index_root(directory, prefix, options, self._store, self._budget)
            report(indexed, time.perf_counter() - started)
        else:
            if options.strict:
                raise OptionError("root", directory.path, problem)
            _log.warning("root %r %s (working directory %s)", directory.path, problem, _working_directory())
            indexed = Indexed(directory, prefix, options, (), ())
        with self._adding:
            self._roots = (*self._roots, indexed)
            self.table = build_table(self._roots)


def _checked_application(application: WSGIApplication) -> WSGIApplication:
    if hasattr(application, "wsgi_app"):
        raise OptionError(
            "application", application, "wrap app.wsgi_app: app.wsgi_app = WhiteMedia(app.wsgi_app, …)"
        )
    if not callable(application):
        raise OptionError("application", application, "expected a WSGI application, which is callable")
    return application


def _checked_prefix(prefix: object, options: Options) -> str:
    if prefix is None:  # whitenoise's default
        prefix = "/"
    if not isinstance(prefix, str):
        raise OptionError("prefix", prefix, 'expected a URL path such as "/static/"')
    try:
        normal = normalize_prefix(prefix)
    except ValueError as error:
        raise OptionError("prefix", prefix, str(error)) from None
    if normal == "/" and options.not_found == "answer":
        raise OptionError("not_found", "answer", 'beneath prefix "/" the application would never be asked')
    return normal


def _checked_path(root: object) -> str:
    path = os.fspath(root) if isinstance(root, (str, os.PathLike)) else None
    if not isinstance(path, str):
        raise OptionError("root", root, "expected the path of a directory, str or PathLike")
    if not path or "\0" in path:
        raise OptionError("root", root, "expected the path of a directory; empty would mean the working directory")
    if os.path.exists(path) and not os.path.isdir(path):
        raise OptionError("root", root, "is a file, not a directory")
    try:
        # abspath would take "link/.." for the link's own directory, where the system takes its target's
        return os.path.realpath(path) if os.pardir in Path(path).parts else os.path.abspath(path)
    except OSError as error:
        raise OptionError(
            "root", root, f"relative to a working directory that is gone: {error.strerror}"
        ) from None


def _problem(path: str) -> str | None:
    try:
        os.listdir(path)
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def _working_directory() -> str:
    try:
        return repr(os.getcwd())
    except OSError as error:  # it was removed
        return str(error.strerror)
