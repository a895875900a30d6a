"""WhiteMedia from outside: what it refuses at construction, what it logs, what it answers and what it passes on."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from whitenoise import WhiteNoise

from tests.conftest import (
    BR_LIB,
    CONSTRUCTIONS,
    FILES,
    PREFIX,
    SECRET,
    Answer,
    Client,
    application,
    call,
    every_construction,
    make_environ,
    plant,
    serve,
)
from whitemedia import OptionError, WhiteMedia
from whitemedia.options import OptionFields

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Wrong arguments


class BytesPath:
    """A PathLike, but of bytes."""

    def __fspath__(self) -> bytes:
        return b"static"


def assert_refused(option: str, value: object, construct: Callable[[], object]) -> str:
    """`construct` raises OptionError for that option and value, and says both."""
    with pytest.raises(OptionError) as caught:
        construct()
    assert isinstance(caught.value, ValueError)
    assert (caught.value.option, caught.value.value) == (option, value)
    assert str(caught.value).startswith(f"{option}={value!r}: ")
    return str(caught.value)


@pytest.mark.parametrize(
    "root",
    ["", b"static", 5, "a\0b", "\0", ["static"], BytesPath(), object(), True],
    ids=lambda value: type(value).__name__ if not isinstance(value, (str, bytes, int)) else repr(value),
)
def test_a_root_that_is_no_path_is_refused(root: Any) -> None:
    assert_refused("root", root, lambda: WhiteMedia(application, root, "/static/"))
    assert_refused("root", root, lambda: WhiteMedia(application).add_files(root, "/static/"))


def test_a_root_that_is_a_file_is_refused(tree: Path) -> None:
    path = tree / "app.css"
    assert "is a file" in assert_refused("root", path, lambda: WhiteMedia(application, path))
    assert_refused("root", str(path), lambda: WhiteMedia(application, str(path)))


@pytest.mark.parametrize(
    "prefix",
    [
        "..",
        "/static/..",
        "a/../b",
        ".",
        "/./a",
        "a?b",
        "?",
        "/static/#top",
        "a\\b",
        "\\",
        "a\nb",
        "\r",
        "\0",
        "a\x7f",
        "a//b",
        "/a//b/",
    ],
)
def test_a_prefix_that_is_no_plain_path_is_refused(tree: Path, prefix: str) -> None:
    assert_refused("prefix", prefix, lambda: WhiteMedia(application, tree, prefix))
    assert_refused("prefix", prefix, lambda: WhiteMedia(application).add_files(tree, prefix))


@pytest.mark.parametrize("prefix", [5, b"/static/", ["static"], True])
def test_a_prefix_that_is_no_text_is_refused(tree: Path, prefix: Any) -> None:
    assert_refused("prefix", prefix, lambda: WhiteMedia(application, tree, prefix))


@pytest.mark.parametrize("wrong", [None, "application", 5, object()], ids=["None", "str", "int", "object"])
def test_an_application_that_cannot_be_called_is_refused(wrong: Any) -> None:
    assert "callable" in assert_refused("application", wrong, lambda: WhiteMedia(wrong))


def test_a_framework_given_instead_of_its_wsgi_app_is_refused_with_the_remedy() -> None:
    app = Flask("app")
    message = assert_refused("application", app, lambda: WhiteMedia(app))
    assert "app.wsgi_app = WhiteMedia(app.wsgi_app" in message


@pytest.mark.parametrize("prefix", ["/", None, ""])
def test_not_found_cannot_be_answered_beneath_the_whole_site(tree: Path, prefix: str | None) -> None:
    assert_refused("not_found", "answer", lambda: WhiteMedia(application, tree, prefix, not_found="answer"))
    whole = WhiteMedia(application, not_found="answer")
    assert_refused("not_found", "answer", lambda: whole.add_files(tree, prefix))
    whole.add_files(tree, "/static/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_age", -1),
        ("max_age", "60"),
        ("allow_all_origins", "yes"),
        ("charset", "utf 8"),
        ("mimetypes", {".foo": "foo"}),
        ("add_headers_function", "X-Test: 1"),
        ("index_file", "a/b"),
        ("immutable_file_test", "("),
        ("hidden", ".*"),
        ("follow_symlinks", 1),
        ("unsafe_methods", "ignore"),
        ("not_found", 404),
        ("strict", None),
        ("compress", True),
        ("memory_limit", -1),
        ("max_aeg", 60),
    ],
)
def test_a_wrong_option_is_refused_at_construction_also_without_a_root(name: str, value: object) -> None:
    arguments: Any = {name: value}
    assert_refused(name, value, lambda: WhiteMedia(application, **arguments))


def test_a_misspelt_option_is_told_its_right_name() -> None:
    arguments: Any = {"immutable_test": "."}
    with pytest.raises(OptionError, match="did you mean immutable_file_test"):
        WhiteMedia(application, **arguments)


@pytest.mark.parametrize(("name", "value"), [("strict", True), ("compress", "off"), ("memory_limit", 0)])
def test_what_is_the_whole_instances_cannot_be_one_roots(tree: Path, name: str, value: object) -> None:
    arguments: Any = {name: value}
    client = serve(tree)
    middleware: Any = client.application
    assert_refused(name, value, lambda: middleware.add_files(tree, "/more/", **arguments))
    assert client.get("/more/digits.txt").is_the_applications


def test_a_root_that_is_refused_leaves_what_was_served(tree: Path) -> None:
    def refuse(headers: Headers, path: str, url: str) -> None:
        headers["ETag"] = '"mine"'

    client = serve(tree)
    middleware: Any = client.application
    with pytest.raises(OptionError, match="add_headers_function='ETag'"):
        middleware.add_files(tree, "/more/", add_headers_function=refuse)
    assert client.get(f"{PREFIX}digits.txt").body == FILES["digits.txt"]
    assert client.get("/more/digits.txt").is_the_applications


# The log


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    assert {record.name for record in caplog.records} <= {"whitemedia"}
    return [(record.levelname, record.getMessage()) for record in caplog.records]


@pytest.fixture(autouse=True)
def listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="whitemedia")


def test_a_clean_root_is_one_line(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    middleware = WhiteMedia(application, tree, "/static/")
    middleware.add_files(tree / "docs", "/docs/")
    [(level, first), (_, second)] = lines(caplog)
    assert level == "INFO"
    assert re.match(rf"serving 14 files, 1\.\d MB, of {re.escape(repr(str(tree)))} at '/static/' \(br ", first)
    assert "0 skipped" in first
    assert "serving 2 files" in second


def test_construction_without_a_root_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(WhiteMedia(application))
    assert client.get("/").is_the_applications
    assert lines(caplog) == []


@pytest.mark.parametrize("relative", [True, False], ids=["relative", "absolute"])
def test_a_missing_root_is_one_warning_with_its_absolute_path_and_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, relative: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    client = serve(Path("missing") if relative else tmp_path / "missing")
    [(level, message)] = lines(caplog)
    assert level == "WARNING"
    assert message == f"root {str(tmp_path / 'missing')!r} does not exist (working directory {str(tmp_path)!r})"
    assert client.get(f"{PREFIX}digits.txt").is_the_applications


def test_with_strict_a_missing_root_is_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = str(tmp_path / "missing")
    message = assert_refused("root", path, lambda: WhiteMedia(application, path, strict=True))
    assert "does not exist" in message
    assert lines(caplog) == []


def test_a_root_that_cannot_be_read_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refuse)
    assert serve(tmp_path).get(PREFIX).is_the_applications
    [(level, message)] = lines(caplog)
    assert (level, "cannot be read: Permission denied" in message) == ("WARNING", True)


@pytest.mark.parametrize("files", [{}, {".env": SECRET, "a~": SECRET}, {"folder/.env": SECRET}], ids=len)
def test_a_root_with_nothing_to_serve_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, files: Mapping[str, bytes]
) -> None:
    serve(plant(tmp_path, files), strict=True)
    [info, warning] = lines(caplog)
    assert info[0] == "INFO"
    assert "serving 0 files" in info[1]
    assert warning == ("WARNING", f"root {str(tmp_path)!r} has nothing to serve beneath '/static/'")


def soil(tree: Path) -> None:
    """Eight things that cannot be served."""
    for number in range(5):
        (tree / f"broken{number}").symlink_to("missing")
    (tree / "loop").symlink_to("loop")
    (tree / "outward").symlink_to("../outside/secret.txt")
    os.mkfifo(tree / "fifo")


def test_a_dirty_tree_is_one_warning_that_names_at_most_five(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    soil(tree)
    client = serve(tree)
    [info, warning] = lines(caplog)
    assert (info[0], warning[0]) == ("INFO", "WARNING")
    assert "8 skipped" in info[1]
    assert warning[1].startswith(f"root {str(tree)!r}: 8 not served as found: 'broken0' (broken link), ")
    assert warning[1].endswith(" and 3 more")
    assert len(re.findall(r"'[^']*' \(", warning[1])) == 5
    for name in ("broken0", "loop", "outward", "fifo"):
        assert client.get(PREFIX + name).status == 404


def test_with_strict_a_dirty_tree_is_an_error_that_says_why(tree: Path) -> None:
    (tree / "outward").symlink_to("../outside/secret.txt")
    with pytest.raises(OptionError, match=r"'outward' .*follow_symlinks=True"):
        serve(tree, strict=True)


def test_no_name_can_begin_a_line_of_the_log(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    forged = "x\r\nCRITICAL forged\x1b[2J\u2028"
    (tree / forged).symlink_to("missing")
    (tree / f"{forged}.css").write_bytes(b"")
    root = tree.rename(tree.with_name(f"static{forged}"))
    serve(root)
    serve(root / "missing")
    for _, message in lines(caplog):
        assert len(message.splitlines()) == 1
        assert "\x1b" not in message
    assert len(lines(caplog)) == 3


def test_requests_for_what_is_there_and_for_what_is_not_log_nothing(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("digits.txt", "large.bin", "missing", ".env", "a\r\nforged", ".\r\nforged", "docs"):
        client.get(PREFIX + path)
        client.request("POST", PREFIX + path)
    assert lines(caplog) == []


# Several roots


def test_for_one_path_the_root_added_last_answers(tmp_path: Path) -> None:
    first = plant(tmp_path / "first", {"a.txt": b"first", "b.txt": b"first"})
    second = plant(tmp_path / "second", {"b.txt": b"second", "c.txt": b"second"})
    client = serve(first)
    middleware: Any = client.application
    middleware.add_files(second, PREFIX)
    assert [client.get(f"{PREFIX}{name}.txt").body for name in "abc"] == [b"first", b"second", b"second"]
    middleware.add_files(first, PREFIX)
    assert [client.get(f"{PREFIX}{name}.txt").body for name in "abc"] == [b"first", b"first", b"second"]


def test_roots_at_nested_prefixes_are_told_apart(tmp_path: Path) -> None:
    outer = plant(tmp_path / "outer", {"inner/a.txt": b"outer", "inner/b.txt": b"outer"})
    inner = plant(tmp_path / "inner", {"a.txt": b"inner", ".env": SECRET})
    client = serve(outer, "/")
    middleware: Any = client.application
    middleware.add_files(inner, "/inner/")
    assert client.get("/inner/a.txt").body == b"inner"
    assert client.get("/inner/b.txt").body == b"outer"
    assert client.get("/inner/.env").status == 404


@pytest.mark.parametrize("outer_first", [True, False])
@pytest.mark.parametrize("inner", ["pass", "answer"])
def test_of_nested_prefixes_the_longest_decides_on_what_is_not_found(
    shared_tree: Path, *, outer_first: bool, inner: str
) -> None:
    roots: list[tuple[str, Any]] = [("/a/", "answer" if inner == "pass" else "pass"), ("/a/b/", inner)]
    client = serve(shared_tree, "/other/")
    middleware: Any = client.application
    for prefix, not_found in roots if outer_first else reversed(roots):
        middleware.add_files(shared_tree, prefix, not_found=not_found)
    assert client.get("/a/b/missing").is_the_applications == (inner == "pass")
    assert client.get("/a/missing").is_the_applications == (inner == "answer")


@pytest.mark.parametrize("name", ["outward", ".outward"])
def test_beneath_a_link_out_of_the_root_all_is_refused_whatever_is_hidden(tree: Path, name: str) -> None:
    (tree / name).symlink_to("../outside")
    client = serve(tree, hidden=())
    assert client.get(PREFIX + name).status == 404
    assert client.get(f"{PREFIX}{name}/secret.txt").status == 404
    assert client.get(f"{PREFIX}{name}ly/secret.txt").is_the_applications


def test_an_option_can_be_overridden_for_one_root(tree: Path) -> None:
    client = serve(tree, max_age=10, charset="utf-8")
    middleware: Any = client.application
    middleware.add_files(tree, "/more/", max_age=20, hidden=(), not_found="answer", index_file=True)
    assert client.get(f"{PREFIX}app.css").headers["Cache-Control"] == "max-age=10, public"
    assert client.get("/more/app.css").headers["Cache-Control"] == "max-age=20, public"
    assert client.get(f"{PREFIX}.env").status == 404
    assert client.get("/more/.env").body == SECRET
    assert client.get(f"{PREFIX}missing").is_the_applications
    assert client.get("/more/missing").status == 404
    assert client.get(f"{PREFIX}docs/").is_the_applications
    assert client.get("/more/docs/").body == FILES["docs/index.html"]


def test_the_memory_limit_is_over_all_roots(tmp_path: Path) -> None:
    roots = [plant(tmp_path / str(number), {"file.bin": bytes([number]) * 600}) for number in range(2)]
    client = serve(roots[0], memory_limit=1000)
    middleware: Any = client.application
    middleware.add_files(roots[1], "/more/")
    for path in (f"{PREFIX}file.bin", "/more/file.bin"):
        assert client.get(path).status == 200
    for root in roots:
        (root / "file.bin").unlink()
    assert client.get(f"{PREFIX}file.bin").body == bytes(600)
    assert client.get("/more/file.bin").status == 404


def test_roots_are_added_safely_while_requests_run(tmp_path: Path) -> None:
    roots = [plant(tmp_path / str(number), {"a.txt": b"%d" % number * 100}) for number in range(10)]
    client = serve(roots[0])
    middleware: Any = client.application
    answers: list[Answer] = []
    stop = threading.Event()

    def request() -> None:
        while not stop.is_set():
            answers.append(client.get(f"{PREFIX}a.txt"))

    threads = [threading.Thread(target=request) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for root in roots[1:]:
            middleware.add_files(root, PREFIX)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert answers
    assert {answer.body for answer in answers} <= {b"%d" % number * 100 for number in range(10)}
    assert client.get(f"{PREFIX}a.txt").body == b"9" * 100


@every_construction
def test_no_thread_is_alive_after_construction(tree: Path, construction: str) -> None:
    before = threading.enumerate()
    client = serve(tree, construction=construction)
    assert threading.enumerate() == before
    client.get(f"{PREFIX}app.css", {"Accept-Encoding": "br"})
    assert threading.enumerate() == before


# Prefixes and mounts


@pytest.mark.parametrize(
    ("prefix", "mounted"),
    [
        ("static", "/static/"),
        ("/static", "/static/"),
        ("static/", "/static/"),
        ("/static/", "/static/"),
        ("//static//", "/static/"),
        ("a/b/c", "/a/b/c/"),
        ("über uns", "/über uns/"),
        ("\u65e5\u672c", "/\u65e5\u672c/"),
        ("a b", "/a b/"),
        ("%41", "/%41/"),
        ("~user/.well-known", "/~user/.well-known/"),
        (None, "/"),
        ("", "/"),
        ("/", "/"),
    ],
)
def test_a_prefix_may_be_written_with_or_without_slashes(tree: Path, prefix: str | None, mounted: str) -> None:
    client = Client(WhiteMedia(application, tree, prefix))
    assert client.get(f"{mounted}digits.txt").body == FILES["digits.txt"]
    assert client.get(f"{mounted}docs/über uns.txt").body == FILES["docs/über uns.txt"]
    assert client.get(f"{mounted}missing").is_the_applications
    assert client.get(f"{mounted}.env").status == 404
    assert client.get(f"{mounted}.well-known/security.txt").status == 200
    assert client.get(f"{mounted}.well-known/acme-challenge/token").is_the_applications
    assert client.get(f"{mounted}missing~").is_the_applications


def test_a_root_may_be_a_path_or_a_str_absolute_or_relative(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.parent)
    for root in (tree, str(tree), "static", "static/", Path("static"), f"{tree}/../static"):
        client = Client(WhiteMedia(application, root, PREFIX))
        monkeypatch.chdir("/")  # a large file is found although the working directory is another by now
        assert client.get(f"{PREFIX}large.bin").status == 200
        monkeypatch.chdir(tree.parent)


def test_a_root_that_is_a_link_is_followed(tree: Path) -> None:
    link = tree.with_name("current")
    link.symlink_to(tree)
    client = serve(link, strict=True, memory_limit=0)
    assert client.get(f"{PREFIX}digits.txt").body == FILES["digits.txt"]
    (tree / "digits.txt").write_bytes(b"new")
    assert client.get(f"{PREFIX}digits.txt").body == b"new"


@every_construction
def test_beneath_a_mount_the_same_is_served(shared_tree: Path, construction: str) -> None:
    inner: Any = serve(shared_tree, construction=construction, index_file=True).application
    mounts: Any = {"/mounted": inner}
    client = Client(DispatcherMiddleware(application, mounts))
    assert client.get("/mounted/static/digits.txt").body == FILES["digits.txt"]
    assert client.get("/mounted/static/docs").headers["Location"] == "docs/"
    assert client.get("/mounted/static/.env").status == 404
    assert client.get("/static/digits.txt").is_the_applications


# Passing on


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/static"),
        ("GET", "/static/missing"),
        ("BREW", "/static/missing"),
        ("GET", "/staticky/digits.txt"),
        ("GET", "/static/digits.txt/"),
        ("GET", "/Static/digits.txt"),
        ("GET", "/other/.env"),
        ("GET", ""),
        ("GET", "*"),
        ("GET", "static/digits.txt"),
    ],
)
@every_construction
def test_everything_else_is_passed_on_untouched(
    shared_tree: Path, construction: str, method: str, path: str
) -> None:
    body, called = iter([b"streamed"]), []

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        called.append((environ, start_response))
        return body

    def start_response(*_: object) -> Any:
        raise AssertionError("the application's to call")

    options: OptionFields = CONSTRUCTIONS[construction]
    middleware: WSGIApplication = WhiteMedia(behind, shared_tree, PREFIX, **options)
    environ = make_environ(method, path, {"Range": "bytes=0-1", "X-Sendfile-Type": "X-Sendfile"})
    environ["wsgi.input"] = BytesIO(b"request body")
    copy = dict(environ)
    assert middleware(environ, start_response) is body
    [(given, given_start)] = called
    assert given is environ
    assert given == copy
    assert given_start is start_response
    assert environ["wsgi.input"].tell() == 0


def test_an_environ_without_a_path_is_passed_on(shared_tree: Path) -> None:
    asked = []

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        asked.append("PATH_INFO" in environ)
        return []

    environ = make_environ("GET", "/", SCRIPT_NAME="/static/digits.txt")
    del environ["PATH_INFO"]
    assert list(WhiteMedia(behind, shared_tree, PREFIX)(environ, lambda *_: lambda _: None)) == []
    assert asked == [False]


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("GET", "digits.txt", {}),
        ("HEAD", "digits.txt", {}),
        ("GET", "large.bin", {}),
        ("GET", "lib.js", {"Accept-Encoding": "gzip"}),
        ("GET", "digits.txt", {"If-None-Match": "*"}),
        ("GET", "digits.txt", {"Range": "bytes=1-2"}),
        ("GET", "digits.txt", {"Range": "bytes=99-"}),
        ("GET", "digits.txt", {"If-Match": '""'}),
        ("OPTIONS", "digits.txt", {}),
        ("POST", "digits.txt", {}),
        ("GET", "docs", {}),
        ("GET", ".env", {}),
        ("GET", ".missing", {}),
    ],
)
def test_what_a_server_does_to_the_headers_does_not_change_the_next_answer(
    client: Client, method: str, path: str, fields: dict[str, str]
) -> None:
    first = client.request(method, PREFIX + path, fields).headers.items()

    def spoil(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        headers[:] = [("Content-Length", "0"), ("Connection", "close")]
        return lambda data: None

    for _ in range(2):
        body: Any = client.application(make_environ(method, PREFIX + path, fields), spoil)
        getattr(body, "close", list)()
    assert client.request(method, PREFIX + path, fields).headers.items() == first


# One answer from every construction


@pytest.mark.parametrize(
    "name", ["digits.txt", "empty.txt", "lib.js", "large.bin", "picture.png", "docs/", "docs", ".env"]
)
@pytest.mark.parametrize("accepted", ["identity", "gzip", "br;q=0.5, zstd;q=0.1", "*"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Range": "bytes=5-8"},
        {"Range": "bytes=99999999-"},
        {"If-None-Match": "*"},
        {"If-Match": '"x"'},
        {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"},
    ],
)
def test_constructions_agree_to_the_byte_and_the_header(
    clients: dict[str, Client], name: str, accepted: str, fields: dict[str, str]
) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "PUT"):
        one, *others = (
            client.request(method, PREFIX + name, {"Accept-Encoding": accepted, **fields})
            for client in clients.values()
        )
        for other in others:
            assert (other.status, other.headers.items(), other.body) == (one.status, one.headers.items(), one.body)


def test_constructions_differ_in_the_codings_that_are_made_at_start(clients: dict[str, Client]) -> None:
    answers = {name: client.get(f"{PREFIX}app.css", {"Accept-Encoding": "br"}) for name, client in clients.items()}
    assert [answer.headers["Content-Encoding"] for answer in answers.values()] == ["br", None, None]
    assert {answer.content for answer in answers.values()} == {FILES["app.css"]}


# whitenoise's options


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that whitenoise serves whole, too."""
    served = {name: data for name, data in FILES.items() if not name.startswith(".") and not name.endswith("~")}
    hashed = {"bundle.0123abcd.js": b"hashed", "page.0123abcd.html": b"hashed", "data.foo": b"1", "feed": b"2"}
    return plant(tmp_path_factory.mktemp("clean"), {**served, **hashed, "lib.js.br": BR_LIB})


NAMES = (
    "app.css",
    "app.js",
    "page.html",
    "data.json",
    "logo.svg",
    "digits.txt",
    "picture.png",
    "bundle.0123abcd.js",
)
SHARED = ("content-type", "cache-control", "access-control-allow-origin", "x-test", "x-application")


def both(root: Path, prefix: str | None = PREFIX, **options: Any) -> tuple[WhiteMedia, Any]:
    """Ours and whitenoise, with the same options."""
    theirs: Any = WhiteNoise(application, str(root), prefix, **options)
    return WhiteMedia(application, root, prefix, **options), theirs


def ask(middleware: WSGIApplication, path: str) -> tuple[int, dict[str, str]]:
    """Status, and the fields that mean the same to both; whitenoise quotes the charset."""
    answer = call(middleware, make_environ("HEAD", path))
    names = ("location", "cache-control") if answer.status == 302 else SHARED
    return answer.status, {name: answer.fields[name].replace('"', "") for name in names if name in answer.fields}


def assert_same(ours: WhiteMedia, theirs: Any, path: str) -> None:
    assert ask(ours, path) == ask(theirs, path)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_age": 0},
        {"max_age": 3600},
        {"max_age": None},
        {"allow_all_origins": False},
        {"charset": "iso-8859-1"},
        {"mimetypes": {".foo": "application/foo", "feed": "application/atom+xml", ".css": "text/x-css"}},
        {"mimetypes": None},
        {"index_file": True},
        {"index_file": "page.html"},
        {"index_file": None},
        {"index_file": False},
    ],
    ids=str,
)
def test_options_mean_what_they_mean_to_whitenoise(clean: Path, options: dict[str, Any]) -> None:
    ours, theirs = both(clean, **options)
    names = [*NAMES, "docs", "docs/", "docs/index.html", "", "page.html", "index.html", "missing"]
    names += ["data.foo", "feed"] if options.get("mimetypes") else []
    for name in names:
        assert_same(ours, theirs, PREFIX + name)


@pytest.mark.parametrize("prefix", ["static", "/static", "static/", "/static/", "/", None, "a/b"])
def test_prefixes_mean_what_they_mean_to_whitenoise(clean: Path, prefix: str | None) -> None:
    ours, theirs = both(clean, prefix, index_file=True)
    for path in (
        "/",
        "/static/",
        "/static/docs",
        "/docs/",
        "/a/b/docs/index.html",
        "/a/b/app.css",
        "/app.css",
        "/static",
    ):
        assert_same(ours, theirs, path)


@pytest.mark.parametrize(
    "test",
    [
        r"\.[0-9a-f]{8}\.",
        r"^/static/bundle",
        r"docs/",
        lambda path, url: url.endswith(".js") and os.path.isfile(path),
    ],
    ids=["regex", "regex on the URL's start", "regex on a folder", "callable"],
)
def test_what_is_immutable_to_whitenoise_is_for_us_but_for_a_year_not_ten(clean: Path, test: Any) -> None:
    ours, theirs = both(clean, immutable_file_test=test, index_file=True)
    found = set()
    for name in (*NAMES, "docs/", "docs/über uns.txt", "page.0123abcd.html"):
        (_, one), (_, two) = ask(ours, PREFIX + name), ask(theirs, PREFIX + name)
        assert one["cache-control"] == two["cache-control"].replace("max-age=315360000", "max-age=31536000")
        found.add(one["cache-control"])
    assert found == {"max-age=60, public", "max-age=31536000, public, immutable"}


def test_functions_are_called_with_whitenoises_arguments(clean: Path) -> None:
    calls: dict[str, set[tuple[str, str, str]]] = {"ours": set(), "theirs": set()}

    def record(who: str) -> dict[str, Any]:
        def add_headers(headers: Headers, path: str, url: str) -> None:
            calls[who].add(("headers", path, url))
            assert isinstance(headers, Headers)
            headers["X-Test"] = f"{headers['Content-Type']} of {url.encode()!a}"
            headers["Cache-Control"] = "private"
            del headers["Access-Control-Allow-Origin"]

        def is_immutable(path: str, url: str) -> bool:
            calls[who].add(("test", path, url))
            return False

        return {"add_headers_function": add_headers, "immutable_file_test": is_immutable, "index_file": True}

    theirs: Any = WhiteNoise(application, str(clean), PREFIX, **record("theirs"))
    ours = WhiteMedia(application, clean, PREFIX, **record("ours"))
    assert calls["ours"] == calls["theirs"]
    for name in (*NAMES, "docs/", "docs/über uns.txt"):
        assert_same(ours, theirs, PREFIX + name)


def test_later_roots_win_as_whitenoises_do(tmp_path: Path) -> None:
    roots = [plant(tmp_path / str(number), {"a.txt": b"%d" % number}) for number in range(3)]
    for middleware in both(roots[0]):
        for root in roots[1:]:
            middleware.add_files(str(root), prefix=PREFIX)
        assert call(middleware, make_environ("GET", f"{PREFIX}a.txt")).body == b"2"


# In front of a framework


@pytest.fixture
def dirty(tree: Path) -> Path:
    """The tree with links in and out of it."""
    (tree / "outward.txt").symlink_to("../outside/secret.txt")
    (tree / "outward").symlink_to("../outside")
    (tree / "inward.txt").symlink_to("docs/../digits.txt")
    (tree / "inward").symlink_to("docs")
    return tree


def flask(root: Path) -> Flask:
    app = Flask("app", static_folder=str(root), static_url_path="/static")
    app.add_url_rule("/", view_func=lambda: "the application")
    return app


HIDDEN = [".env", ".git/config", "notes.txt~", "outward.txt", "outward/secret.txt", "outward/folder/secret.txt"]


@pytest.mark.parametrize("name", HIDDEN)
@every_construction
def test_what_flasks_own_route_would_serve_is_404_in_front_of_it(
    dirty: Path, construction: str, name: str
) -> None:
    app = flask(dirty)
    with app.test_client().get(f"/static/{name}") as answer:
        assert answer.data == SECRET
    app.wsgi_app = WhiteMedia(app.wsgi_app, dirty, "/static/", **CONSTRUCTIONS[construction])  # type: ignore[method-assign]
    for method in ("GET", "HEAD", "POST"):
        with app.test_client().open(f"/static/{name}", method=method) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@every_construction
def test_in_front_of_flask_files_and_inward_links_are_served_and_the_rest_is_flasks(
    dirty: Path, construction: str
) -> None:
    app = flask(dirty)
    app.wsgi_app = WhiteMedia(app.wsgi_app, dirty, "/static/", **CONSTRUCTIONS[construction])  # type: ignore[method-assign]
    client = app.test_client()
    expected = {"inward.txt": "digits.txt", "inward/über uns.txt": "docs/über uns.txt", "large.bin": "large.bin"}
    for name, original in expected.items():
        with client.get(f"/static/{name}", headers={"Range": "bytes=0-"}) as answer:
            assert (answer.status_code, answer.data) == (206, FILES[original])
    with client.get("/") as answer:
        assert answer.data == b"the application"
    (dirty / "late.txt").write_bytes(b"late")
    with client.get("/static/late.txt") as answer:
        assert answer.data == b"late"


def test_a_missing_root_is_one_warning_also_where_the_working_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    WhiteMedia(application, tmp_path / "missing", "/static/")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(tmp_path / "missing") in caplog.text


def test_a_root_with_two_dots_is_what_the_system_takes_it_for(tmp_path: Path) -> None:
    """`releases/3/..` by way of a link `current -> releases/3` is `releases`, not where the link lies."""
    plant(tmp_path / "releases" / "3", {})
    plant(tmp_path / "releases" / "shared", {"a.txt": b"right"})
    plant(tmp_path / "shared", {"a.txt": b"wrong"})
    (tmp_path / "current").symlink_to("releases/3")
    client = Client(WhiteMedia(application, tmp_path / "current" / ".." / "shared", "/static/"))
    assert client.get("/static/a.txt").body == b"right"


def test_a_relative_root_without_a_working_directory_is_an_option_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(OptionError) as raised:
        WhiteMedia(application, "static", "/static/")
    assert (raised.value.option, raised.value.value) == ("root", "static")


def test_roots_added_by_threads_at_once_are_all_served(tmp_path: Path) -> None:
    wm = WhiteMedia(application)
    plant(tmp_path, {"a.txt": b"a"})
    threads = [threading.Thread(target=wm.add_files, args=(tmp_path, f"/{number}/")) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path for path in wm.table.entries if path.endswith("a.txt")} == {f"/{n}/a.txt" for n in range(20)}
