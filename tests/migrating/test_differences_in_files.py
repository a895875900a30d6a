"""Which files are served: where ours parts from whitenoise on purpose. Each docstring or title is the page's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest

from tests.conftest import SECRET, call, make_environ, plant
from tests.migrating.differences import Difference, assert_differs, assert_undone, undoable
from tests.migrating.sites import DIGITS, FILES, GZIPPED, Maker
from whitemedia import OptionError

NOT_FOUND = {"status": 404, "Cache-Control": "no-store", "passed on": False}
PASSED_ON = {"passed on": True}
HIDDEN = "Hidden files are answered with 404."
SIBLINGS = "A compressed file has no URL of its own."
OUTWARD = "Links out of the root are not followed."

DIFFERENCES = [
    Difference(HIDDEN, "/static/.env", {"status": 200, "body": SECRET}, NOT_FOUND, undo={"hidden": ()}),
    Difference(HIDDEN, "/static/.git/config", {"status": 200, "body": SECRET}, NOT_FOUND, undo={"hidden": ()}),
    Difference(HIDDEN, "/static/notes.txt~", {"status": 200, "body": SECRET}, NOT_FOUND, undo={"hidden": ()}),
    Difference(HIDDEN, "/static/.missing", PASSED_ON, NOT_FOUND, undo={"hidden": ()}),
    Difference(HIDDEN, "/static/./digits.txt", PASSED_ON, NOT_FOUND, undo={"hidden": ()}),
    Difference(HIDDEN, "/static/../digits.txt", PASSED_ON, NOT_FOUND, undo={"hidden": ()}),
    Difference(SIBLINGS, "/static/app.js.gz", PASSED_ON, NOT_FOUND),
    Difference(SIBLINGS, "/static/app.js.br", PASSED_ON, NOT_FOUND),
    Difference(SIBLINGS, "/static/app.js.gz", PASSED_ON, NOT_FOUND, method="POST"),
    Difference(OUTWARD, "/static/out.txt", {"body": SECRET}, NOT_FOUND, undo={"follow_symlinks": True}),
    Difference(OUTWARD, "/static/out/secret.txt", {"body": SECRET}, NOT_FOUND, undo={"follow_symlinks": True}),
]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, some of them hidden, and links out of the root."""
    directory = tmp_path_factory.mktemp("dirty")
    plant(directory / "outside", {"secret.txt": SECRET})
    hidden = {".env": SECRET, ".git/config": SECRET, "notes.txt~": SECRET}
    root = plant(directory / "static", {**FILES, **hidden})
    (root / "out.txt").symlink_to("../outside/secret.txt")
    (root / "out").symlink_to("../outside")
    return root


@pytest.mark.parametrize("difference", DIFFERENCES, ids=str)
def test_files_that_whitenoise_treats_differently(dirty: Path, difference: Difference) -> None:
    assert_differs(difference, dirty)


@pytest.mark.parametrize("difference", undoable(DIFFERENCES), ids=str)
def test_files_are_treated_as_whitenoise_does_where_options_say_so(dirty: Path, difference: Difference) -> None:
    assert_undone(difference, dirty)


@pytest.mark.filterwarnings("ignore:unclosed scandir")  # whitenoise's
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda root: (root / "broken.txt").symlink_to("nowhere"), id="a broken link"),
        pytest.param(lambda root: (root / "loop").symlink_to("."), id="a link loop"),
        pytest.param(
            lambda root: os.mkfifo(root / "fifo"),
            id="a FIFO",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here"),
        ),
    ],
)
def test_a_dirty_tree_stops_whitenoise_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    """What cannot be served is skipped."""
    spoil(plant(tmp_path, {"digits.txt": DIGITS}))
    with pytest.raises(Exception, match=r"broken\.txt|loop|fifo"):
        Maker("whitenoise")(tmp_path)
    assert Maker("whitemedia")(tmp_path).get("/digits.txt").body == DIGITS
    assert "1 not served as found" in caplog.text
    with pytest.raises(OptionError, match="strict"):
        Maker("whitemedia")(tmp_path, strict=True)


def test_a_file_that_was_deleted_is_404_not_an_error(tmp_path: Path) -> None:
    """Files that change after the start are noticed."""
    sites = [Maker(name)(plant(tmp_path, {"a.txt": b"a"})) for name in ("whitemedia", "whitenoise")]
    (tmp_path / "a.txt").unlink()
    assert sites[0].get("/a.txt").status == 404
    with pytest.raises(FileNotFoundError):
        sites[1].get("/a.txt")


def test_a_file_that_was_changed_has_its_own_length(tmp_path: Path) -> None:
    """Files that change after the start are noticed."""
    sites = [Maker(name)(plant(tmp_path, {"a.txt": b"a"})) for name in ("whitemedia", "whitenoise")]
    (tmp_path / "a.txt").write_bytes(b"changed")
    ours, theirs = (site.get("/a.txt") for site in sites)
    assert (theirs.body, theirs.headers["Content-Length"]) == (b"changed", "1")
    assert (ours.body, ours.headers["Content-Length"]) == (b"changed", "7")
    assert ours.headers["Cache-Control"] == "no-cache"


@pytest.mark.skipif(os.name == "nt", reason="a backslash separates here")
def test_a_backslash_in_a_name_is_no_separator(tmp_path: Path) -> None:
    """A backslash in a name is a backslash."""
    plant(tmp_path, {"back\\slash.txt": b"a"})
    for name, path in (("whitemedia", "/back\\slash.txt"), ("whitenoise", "/back/slash.txt")):
        assert Maker(name)(tmp_path).get(path).body == b"a"


def test_a_compressed_file_of_a_later_root_hides_that_of_an_earlier_one(tmp_path: Path) -> None:
    """A compressed file has no URL of its own."""
    first = plant(tmp_path / "first", {"app.js.gz": GZIPPED})
    later: dict[str, Any] = {name: FILES[name] for name in ("app.js", "app.js.gz")}
    for name, status in (("whitemedia", 404), ("whitenoise", 200)):
        site = Maker(name)(first)
        site.middleware.add_files(str(plant(tmp_path / "later", later)))
        assert site.get("/app.js.gz").status == status


@pytest.mark.parametrize(("size", "theirs", "ours"), [(10, [True], []), (3 << 19, [True], [False])])
def test_the_servers_file_wrapper_gets_no_descriptor(
    tmp_path: Path, size: int, theirs: list[bool], ours: list[bool]
) -> None:
    """Bodies are sent from memory, not with `sendfile`."""
    plant(tmp_path, {"film.mp4": bytes(size)})
    for name, expected in (("whitemedia", ours), ("whitenoise", theirs)):
        wrapped: list[bool] = []

        def file_wrapper(file: Any, block: int = 8192, into: list[bool] = wrapped) -> FileWrapper:
            into.append(hasattr(file, "fileno"))
            return FileWrapper(file, block)

        environ = make_environ("GET", "/film.mp4")
        environ["wsgi.file_wrapper"] = file_wrapper
        assert call(Maker(name)(tmp_path).middleware, environ).body == bytes(size)
        assert wrapped == expected
