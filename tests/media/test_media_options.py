"""Each option of users' files takes what it documents and refuses all else, by name; no message repeats a secret."""

from __future__ import annotations

import dataclasses
import sys
import traceback
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import Client, application, plant
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia
from whitemedia.media.options import MediaFields, MediaOptions, build_media_options
from whitemedia.media.signing import LONGEST
from whitemedia.options import Options

HIDDEN_SECRET: Final = "hunter2-hunter2"
FIELDS: Final = {option.name for option in dataclasses.fields(MediaOptions)}


def function(*given: object) -> bool:
    return True


RIGHT: Final[dict[str, list[tuple[object, object]]]] = {
    "max_age": [(0, 0), (60, 60), (None, None)],
    "attachment": [(True, True), (False, False)],
    "unsafe_inline_types": [
        ((), frozenset()),
        (["image/svg+xml"], {"image/svg+xml"}),
        (("Text/HTML; charset=utf-8",), {"text/html"}),
        ({"text/html", "text/css"}, {"text/html", "text/css"}),
        (iter(["text/html"]), {"text/html"}),
    ],
    "authorize": [(None, None), (function, function)],
    "sign_with": [
        (None, None),
        ("a", (b"a",)),
        (b"a", (b"a",)),
        (["a", b"b"], (b"a", b"b")),
        (iter(["ü"]), ("ü".encode(),)),
    ],
    "cors": [(None, None), ("*", "*"), (["https://a.example"], ("https://a.example",))],
    "cors_credentials": [(False, False)],
    "cross_origin_resource_policy": [
        (None, None),
        *((x, x) for x in ("same-origin", "same-site", "cross-origin")),
    ],
    "hidden": [((), ()), (["*.key"], ("*.key",)), ((".*", "!.well-known"), (".*", "!.well-known"))],
    "mimetypes": [(None, {}), ({".FOO": "a/b"}, {".foo": "a/b"})],
    "charset": [("utf-8", "utf-8"), ("iso-8859-1", "iso-8859-1")],
    "unsafe_methods": [("refuse", "refuse"), ("pass", "pass")],
}

NO_FLAGS: Final[list[object]] = [None, 0, 1, "yes", "", []]
NO_TYPES: Final[list[object]] = [
    "text",
    "text/",
    "/html",
    "a b/c",
    "",
    "text/html\n",
    "text/html\r\nSet-Cookie: a",
    None,
    1,
]
SCRIPTS: Final[list[object]] = [
    *("text/javascript", "application/javascript", "Text/JavaScript; charset=utf-8", "application/x-javascript"),
    *("text/ecmascript", "application/ecmascript", "text/jscript", "text/livescript", "text/javascript1.5"),
    *("application/wasm", "text/vbscript"),
]

WRONG: Final[dict[str, list[object]]] = {
    "max_age": [-1, 1.0, "60", True, False, float("inf"), [], b"1"],
    "attachment": NO_FLAGS,
    "unsafe_inline_types": [
        *("image/svg+xml", b"image/svg+xml", None, True, 1),
        *([media_type] for media_type in NO_TYPES),
        *(["text/html", media_type] for media_type in SCRIPTS),
    ],
    "authorize": [True, "yes", 0, (), "module:function"],
    "cors": ["https://a.example", True, ["*"], ["null"], ["https://a.example/"], [None]],
    "cors_credentials": [*NO_FLAGS, True],
    "cross_origin_resource_policy": [True, "", "same", "Same-Site", ["same-site"], 1],
    "hidden": [None, "*.key", b"*", [""], ["a/b"], ["!"], [1]],
    "mimetypes": ["text/html", [(".foo", "a/b")], {"": "a/b"}, {".foo": "foo"}, {".foo": None}, {1: "a/b"}],
    "charset": [None, "", "utf 8", "utf-8\n", 8],
    "unsafe_methods": [None, True, "", "Pass", ["pass"]],
}
WRONG_SECRETS: Final[list[object]] = [
    *(True, 1, 1.5, "", b"", [], (), [""], ["a", ""], [b""], [None], [1], [["a"]], bytearray(), object()),
    *({}, [HIDDEN_SECRET, 1], [HIDDEN_SECRET, ""], [HIDDEN_SECRET.encode(), None]),
]
UNKNOWN: Final = [
    "sign",
    "max-age",
    "immutable",
    "rules",
    "index_file",
    "follow_symlinks",
    "strict",
    "Attachment",
]


def cases(table: dict[str, Any]) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{number}")
        for name, rows in table.items()
        for number, case in enumerate(rows)
    ]


def add_media(root: Path, **options: Any) -> None:
    WhiteMedia(application).add_media(root, **options)


def test_every_option_is_in_these_tables_and_in_what_type_checkers_know() -> None:
    assert FIELDS == RIGHT.keys() == WRONG.keys() | {"sign_with"} == MediaFields.__annotations__.keys()


@pytest.mark.parametrize(("name", "case"), cases(RIGHT))
def test_an_option_takes_what_it_documents(name: str, case: tuple[object, object]) -> None:
    given, kept = case
    assert getattr(build_media_options(Options(), {name: given}), name) == kept


@pytest.mark.parametrize(("name", "value"), cases(WRONG))
def test_a_wrong_option_is_refused_by_name(tmp_path: Path, name: str, value: object) -> None:
    assert_refused(name, value, lambda: add_media(tmp_path, **{name: value}))


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_option_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=f"^{name}=.*no such option"):
        add_media(tmp_path, **{name: True})


@pytest.mark.parametrize("cors", [None, "*"])
def test_credentials_go_with_origins_by_name_alone(tmp_path: Path, cors: object) -> None:
    assert_refused("cors_credentials", True, lambda: add_media(tmp_path, cors=cors, cors_credentials=True))


def test_what_is_refused_changes_nothing(tmp_path: Path) -> None:
    middleware = WhiteMedia(application)
    for options in ({"max_age": -1}, {"sign_with": ""}, {"unknown": 1}):
        with pytest.raises(OptionError):
            middleware.add_media(tmp_path, **options)
    assert Client(middleware).get("/media/a").is_the_applications


# Root and prefix


@pytest.mark.parametrize(
    "prefix", [None, "", "/", "//", 1, b"/media/", "/a/../b/", "/a//b/", "/a?b/", "/a#/", "/a\\b/", "/a\0/"]
)
def test_a_wrong_prefix_is_refused(tmp_path: Path, prefix: Any) -> None:
    assert_refused("prefix", prefix, lambda: WhiteMedia(application).add_media(tmp_path, prefix))


@pytest.mark.parametrize("root", [None, "", 1, b"media", "a\0b"])
def test_a_wrong_root_is_refused(root: Any) -> None:
    assert_refused("root", root, lambda: WhiteMedia(application).add_media(root))


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    root = plant(tmp_path, {"a.txt": b"1"}) / "a.txt"
    assert_refused("root", root, lambda: WhiteMedia(application).add_media(root))


# Secrets


def assert_no_secret_in(error: BaseException) -> None:
    shown = "".join(traceback.format_exception(error))
    assert HIDDEN_SECRET not in shown
    assert HIDDEN_SECRET not in repr(error)
    assert HIDDEN_SECRET not in repr(vars(error))


@pytest.mark.parametrize("value", WRONG_SECRETS, ids=lambda value: f"{type(value).__name__}")
def test_a_wrong_secret_is_refused_and_not_repeated(tmp_path: Path, value: object) -> None:
    with pytest.raises(OptionError, match=r"^sign_with='…': expected a secret") as caught:
        add_media(tmp_path, sign_with=value)
    assert_no_secret_in(caught.value)


@pytest.mark.parametrize("name", ["sign_wiht", "signwith", "secret", "sign", "secret_key", "SIGN_WITH"])
@pytest.mark.parametrize(
    "value", [HIDDEN_SECRET, HIDDEN_SECRET.encode(), [HIDDEN_SECRET]], ids=["str", "bytes", "list"]
)
def test_a_secret_under_a_name_that_is_no_option_is_not_repeated(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(OptionError, match=f"^{name}='…': no such option") as caught:
        add_media(tmp_path, **{name: value})
    assert_no_secret_in(caught.value)


def test_without_itsdangerous_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "itsdangerous", None)
    middleware = WhiteMedia(application)
    with pytest.raises(OptionError, match=r"^sign_with=.*pip install 'whitemedia\[signed\]'") as caught:
        middleware.add_media(tmp_path, sign_with=HIDDEN_SECRET)
    assert_no_secret_in(caught.value)
    assert Client(middleware).get("/media/a").is_the_applications
    middleware.add_media(tmp_path)  # needs none


# What is signed


def guarded(root: Path) -> WhiteMedia:
    middleware = WhiteMedia(application)
    middleware.add_media(root / "public", "/public/")
    middleware.add_private(root / "private", "/private/")
    middleware.add_media(root / "media", sign_with=HIDDEN_SECRET)
    return middleware


@pytest.mark.parametrize(
    "url",
    [
        *(
            None,
            1,
            b"/media/a",
            "",
            "a",
            "media/a",
            "?a",
            "https://example.com",
            "http://[/media/a",
            "mailto:a@b.c",
        ),
        *("/", "/other/a", "/media", "/mediax/a", "/private/a", "/public/a", "/app/media/a", "//media/a"),
        *("/media/", "/media/d/", "/media//a", "/media/../a", "/media/%2e%2e/a", "/media/a/.", "/media/a%00"),
        *("/media/.env", "/media/%2Eenv", "/media/d/.git/config", "/media/a~"),
        *("/media/a\tb", "/media/a\nb", "/media/a\r", "/media/a\0"),  # which parsers of URLs drop: another file's
    ],
)
def test_what_names_no_file_that_is_signed_for_is_refused(tmp_path: Path, url: Any) -> None:
    message = assert_refused("url", url, lambda: guarded(tmp_path).sign(url, 60))
    assert HIDDEN_SECRET not in message


@pytest.mark.parametrize(
    "expires_in", [0, -1, None, True, "60", float("nan"), float("inf"), -0.0, LONGEST + 1, 10**400, 1 + 0j, b"1"]
)
def test_a_time_that_is_no_time_to_live_is_refused(tmp_path: Path, expires_in: Any) -> None:
    assert_refused("expires_in", expires_in, lambda: guarded(tmp_path).sign("/media/a", expires_in))


@pytest.mark.parametrize("expires_in", [1, 0.001, 3600.5, LONGEST])
def test_any_other_time_is_taken(tmp_path: Path, expires_in: float) -> None:
    assert guarded(tmp_path).sign("/media/a", expires_in).startswith("/media/a?expires=")
