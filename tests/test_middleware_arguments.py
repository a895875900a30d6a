"""What WhiteMedia cannot serve with is refused at construction, with the option and the value."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest
from flask import Flask

from tests.conftest import FILES, PREFIX, application, serve
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia


class BytesPath:
    """A PathLike, but of bytes."""

    def __fspath__(self) -> bytes:
        return b"static"


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
