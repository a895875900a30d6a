"""Who may have a file is asked before any is touched, and a refusal tells nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.answers import Answer
from tests.conftest import SECRET, Client, plant

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from tests.media.conftest import ServeMedia

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

URL: Final = "/media/d/a.txt"
METHODS: Final = pytest.mark.parametrize("method", ["GET", "HEAD"])


@pytest.fixture
def guarded(media: Path, serve_media: ServeMedia) -> ServeMedia:
    plant(media, {"d/a.txt": SECRET, "b.txt": SECRET, ".env": SECRET})
    (media / "link").symlink_to("b.txt")
    os.mkfifo(media / "fifo")
    return serve_media


@contextlib.contextmanager
def nothing_is_touched() -> Iterator[None]:
    """Meanwhile nobody asks the file system for anything."""
    touched: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("open", "stat", "lstat", "readlink", "scandir", "listdir", "access"):
            patch.setattr(os, name, lambda *arguments, **_: touched.append(arguments))
        yield
    assert touched == []


def assert_refused(method: str, answer: Answer) -> None:
    assert (answer.status, answer.body) == (403, b"" if method == "HEAD" else b"403 Forbidden\n")
    assert answer.fields == {
        "content-type": "text/plain; charset=utf-8",
        "content-length": "14",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }


def no(environ: WSGIEnvironment, name: str) -> bool:
    return False


# What is asked


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/media/d/a.txt", "d/a.txt"),
        ("/media/missing", "missing"),
        ("/media/ü b.txt", "ü b.txt"),
        ("/media/文書", "文書"),
        ("/media/\udcff", "\udced\udcb3\udcbf"),  # as bytes that are no UTF-8 are in the name of a file
        ("/media/%2e%2e", "%2e%2e"),
        ("/media/d\\a", "d\\a"),
        ("/media/media/a", "media/a"),
    ],
    ids=ascii,
)
@METHODS
def test_authorize_is_called_once_with_the_environ_and_the_name_below_the_prefix(
    guarded: ServeMedia, path: str, name: str, method: str
) -> None:
    calls: list[tuple[WSGIEnvironment, str]] = []

    def authorize(environ: WSGIEnvironment, name: str) -> bool:
        calls.append((environ, name))
        return True

    guarded(authorize=authorize).request(method, path, REMOTE_USER="ada")
    [(environ, asked)] = calls
    assert (environ["REMOTE_USER"], environ["REQUEST_METHOD"], asked) == ("ada", method, name)


@pytest.mark.parametrize(
    "name", ["", "../b.txt", "d/../b.txt", "./b.txt", "d//a.txt", "b.txt\0", ".env", ".ENV", "d/", "/etc/passwd"]
)
@METHODS
def test_what_is_no_name_or_is_hidden_is_not_even_asked_about(guarded: ServeMedia, name: str, method: str) -> None:
    def authorize(environ: WSGIEnvironment, name: str) -> bool:
        raise AssertionError(name)

    client = Client(guarded(authorize=authorize).application, validated=False)
    assert client.request(method, f"/media/{name}").status == 404


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_method_that_tells_nothing_is_answered_without_asking(guarded: ServeMedia, method: str) -> None:
    def authorize(environ: WSGIEnvironment, name: str) -> bool:
        raise AssertionError(name)

    client = guarded(authorize=authorize)
    one, two = (client.request(method, path) for path in (URL, "/media/missing"))
    assert (one.status, one.headers.items(), one.body) == (two.status, two.headers.items(), two.body)


# Allowed and refused


@METHODS
def test_what_is_allowed_is_answered_and_kept_by_no_shared_cache(guarded: ServeMedia, method: str) -> None:
    answer = guarded(authorize=lambda environ, name: True).request(method, URL)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-cache")


def test_each_request_is_asked_about_anew(guarded: ServeMedia) -> None:
    client = guarded(authorize=lambda environ, name: environ.get("REMOTE_USER") == "ada" and name == "d/a.txt")
    tag = client.get(URL, REMOTE_USER="ada").etag
    assert client.get(URL, REMOTE_USER="eve").status == 403
    assert client.get("/media/b.txt", REMOTE_USER="ada").status == 403
    assert client.get(URL, {"If-None-Match": tag}, REMOTE_USER="ada").status == 304
    assert client.get(URL, {"If-None-Match": tag}, REMOTE_USER="eve").status == 403
    assert client.get(URL, {"Range": "bytes=0-0"}, REMOTE_USER="eve").status == 403


NAMES: Final = ["d/a.txt", "missing", "d", "d/missing", "link", "fifo", "b.txt/c", "x" * 300, "missing/missing"]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name:.20}")
@pytest.mark.parametrize(
    "fields",
    [{}, {"Range": "bytes=0-0"}, {"If-None-Match": "*"}, {"If-Match": '"x"'}, {"If-Modified-Since": "x"}],
    ids=repr,
)
@METHODS
def test_a_refusal_is_the_same_whatever_is_there_and_nothing_is_touched_for_it(
    guarded: ServeMedia, name: str, fields: dict[str, str], method: str
) -> None:
    client = guarded(authorize=no)
    with nothing_is_touched():
        answer = client.request(method, f"/media/{name}", fields)
    assert_refused(method, answer)


class Truthy:
    """What says yes of itself, as a coroutine does."""

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "answer", [None, 1, 0, "yes", "", b"1", [True], (), 1.0, Truthy(), object, NotImplemented]
)
@METHODS
def test_what_is_neither_true_nor_false_is_refused_and_said_in_the_log(
    guarded: ServeMedia, caplog: pytest.LogCaptureFixture, answer: Any, method: str
) -> None:
    client = guarded(authorize=lambda environ, name: answer)
    with nothing_is_touched():
        refusal = client.request(method, URL)
    assert_refused(method, refusal)
    [line] = caplog.messages
    assert f"returned {answer!r}, which is neither True nor False" in line


def test_a_coroutine_is_not_taken_for_a_yes(guarded: ServeMedia, caplog: pytest.LogCaptureFixture) -> None:
    async def authorize(environ: WSGIEnvironment, name: str) -> bool:
        return True

    made: list[Any] = []

    def call(environ: WSGIEnvironment, name: str) -> bool:
        made.append(authorize(environ, name))
        return made[-1]  # type: ignore[no-any-return]

    assert_refused("GET", guarded(authorize=call).get(URL))
    assert "coroutine" in caplog.text
    made[0].close()


def test_false_is_no_matter_for_the_log(guarded: ServeMedia, caplog: pytest.LogCaptureFixture) -> None:
    assert_refused("GET", guarded(authorize=no).get(URL))
    assert caplog.messages == []


@pytest.mark.parametrize("exception", [ValueError, PermissionError, FileNotFoundError, OSError, KeyboardInterrupt])
def test_what_authorize_raises_is_raised_and_nothing_is_touched(
    guarded: ServeMedia, exception: type[BaseException]
) -> None:
    def authorize(environ: WSGIEnvironment, name: str) -> bool:
        raise exception("of the application")

    client = guarded(authorize=authorize)
    with nothing_is_touched(), pytest.raises(exception, match="of the application"):
        client.get(URL)


class Guard:
    def admits(self, environ: WSGIEnvironment, name: str) -> bool:
        return name == "d/a.txt"

    __call__ = admits


@pytest.mark.parametrize("authorize", [Guard(), Guard().admits], ids=["object", "method"])
def test_any_callable_may_decide(guarded: ServeMedia, authorize: Callable[[WSGIEnvironment, str], bool]) -> None:
    client = guarded(authorize=authorize)
    assert [client.get(path).status for path in (URL, "/media/b.txt")] == [200, 403]


def test_a_root_beneath_a_guarded_one_has_its_own_guard(media: Path, guarded: ServeMedia) -> None:
    client = guarded(authorize=no)
    middleware: Any = client.application
    middleware.add_media(media / "d", "/media/d/")
    assert client.get(URL).headers["Cache-Control"] == "no-cache"
    assert client.get("/media/b.txt").status == 403
