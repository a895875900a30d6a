"""Hooks for Gunicorn's configuration: files are indexed once, in the master, and workers only look up what it knows.

    # gunicorn.conf.py
    from whitemedia.gunicorn import on_reload, on_starting

With a store on disk (`cache_dir`, which is the default), a start and a reload (HUP) load the application once before
the workers do, in a process that ends then. With `preload_app`, where a reload keeps the application, what it serves
is refreshed. Either way new files are served after HUP, and no request is dropped.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from whitemedia.middleware import INSTANCES

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

__all__ = ["on_reload", "on_starting", "when_ready"]


def on_starting(server: Arbiter) -> None:
    """Before the first worker: let the store know all files. With `preload_app` the application has seen to that."""
    if not server.cfg.preload_app:
        _load_once(server)


def on_reload(server: Arbiter) -> None:
    """At HUP, before new workers: let the store know new files, or refresh what the preloaded application serves."""
    if not server.cfg.preload_app:
        _load_once(server)
        return
    for instance in list(INSTANCES):
        try:
            instance.refresh()
        except Exception:  # what it serves stays, and so does the master
            server.log.exception("cannot refresh what is served")


def when_ready(server: Arbiter) -> None:
    """Before workers are forked: leave what is there out of garbage collection, which would copy it to each worker."""
    del server
    gc.freeze()


def _load_once(server: Arbiter) -> None:
    """Load the application in a child process, as a worker would, and wait for its end."""
    child = os.fork()
    if child == 0:
        _load_and_exit(server)
    with suppress(ChildProcessError):  # the master's own handler was faster
        os.waitpid(child, 0)


def _load_and_exit(server: Arbiter) -> NoReturn:
    """As a worker does, as its user and without the master's handlers; whatever is wrong, the workers say."""
    try:
        with suppress(BaseException):
            for number in (*server.SIGNALS, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            _become_worker(server)
            server.app.wsgi()
    finally:
        os._exit(0)


def _become_worker(server: Arbiter) -> None:
    """Else what is written by a master that is root could not be used by workers that are not."""
    util, cfg = importlib.import_module("gunicorn.util"), server.cfg
    util.set_owner_process(cfg.uid, cfg.gid, initgroups=cfg.initgroups)
