"""Gunicorn's hooks, with a master that only has what they ask of it. With a real one: integration/test_gunicorn.py."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import application, plant
from whitemedia import WhiteMedia
from whitemedia.gunicorn import on_reload, on_starting, when_ready

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="gunicorn needs it too")


class Master:
    """An arbiter; `load` is what loading the application does."""

    SIGNALS = (signal.SIGTERM,)

    def __init__(self, load: Callable[[], object] = lambda: None, *, preload: bool = False) -> None:
        self.cfg = SimpleNamespace(preload_app=preload, uid=0, gid=0, initgroups=False)
        self.app = SimpleNamespace(wsgi=load)
        self.logged: list[str] = []
        self.log = SimpleNamespace(exception=self.logged.append)


@needs_fork
@pytest.mark.parametrize("hook", [on_starting, on_reload])
def test_the_application_is_loaded_in_a_process_that_has_ended(
    tmp_path: Path, hook: Callable[[Any], None]
) -> None:
    told = tmp_path / "told"
    hook(Master(lambda: told.write_text(str(os.getpid()))))
    assert int(told.read_text()) != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


@needs_fork
@pytest.mark.parametrize("error", [ImportError, SystemExit, KeyboardInterrupt])
def test_what_is_wrong_with_the_application_is_left_to_the_workers(error: type[BaseException]) -> None:
    def load() -> None:
        raise error

    on_starting(Master(load))


@needs_fork
def test_a_child_that_was_reaped_already_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by the master's own handler of SIGCHLD."""
    real = os.waitpid

    def waitpid(child: int, options: int) -> tuple[int, int]:
        real(child, options)
        return real(child, options)

    monkeypatch.setattr(os, "waitpid", waitpid)
    on_reload(Master())


@needs_fork
def test_the_application_is_loaded_as_the_user_that_workers_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the store, and whatever the application writes, would be the master's, and workers could not use it."""
    told = tmp_path / "told"

    def become(uid: int, gid: int, *, initgroups: bool) -> None:
        told.write_text(f"{uid} {gid} {initgroups}, ")

    monkeypatch.setattr("gunicorn.util.set_owner_process", become)
    master = Master(lambda: told.write_text(told.read_text() + "loaded"))
    master.cfg.uid, master.cfg.gid, master.cfg.initgroups = 33, 34, True
    on_starting(master)
    assert told.read_text() == "33 34 True, loaded"


@needs_fork
def test_what_ends_a_worker_ends_the_process_that_loads(tmp_path: Path) -> None:
    """Whereas the master, whose handlers it has from the fork, only notes a signal and waits on."""
    told = tmp_path / "told"

    def load() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        told.write_text("still here")

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        on_reload(Master(load))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not told.exists()


def test_a_preloaded_application_is_not_loaded_again() -> None:
    def load() -> None:
        raise AssertionError

    on_starting(Master(load, preload=True))
    on_reload(Master(load, preload=True))


def test_a_reload_refreshes_what_a_preloaded_application_serves(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.css": b"a {}"})
    whitemedia = WhiteMedia(application, root, "/static/", cache_dir=None)
    plant(root, {"b.css": b"b {}"})
    on_reload(Master(preload=True))
    assert "/static/b.css" in whitemedia.table.entries


def test_what_cannot_be_refreshed_is_logged_and_stays(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.css": b"a {}"})
    whitemedia = WhiteMedia(application, root, "/static/", cache_dir=None, strict=True)
    (root / "broken.css").symlink_to("nowhere.css")
    before, master = whitemedia.table, Master(preload=True)
    on_reload(master)
    assert (whitemedia.table is before, master.logged) == (True, ["cannot refresh what is served"])


@pytest.fixture
def unfrozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("unfrozen")
def test_what_is_there_when_it_is_ready_is_left_out_of_garbage_collection() -> None:
    when_ready(Master())
    assert gc.get_freeze_count() > 0
