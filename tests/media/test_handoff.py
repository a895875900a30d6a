"""The application answers with the name of a file, and the file is sent: which field counts, and of which root."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from wsgiref.validate import validator

import pytest

from tests.answers import Answer
from tests.conftest import FILES as STATIC
from tests.conftest import SECRET, call, construct, make_environ, plant
from tests.serving.applications import Server
from whitemedia import OptionError, WhiteMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACCEL: Final = "X-Accel-Redirect"
SENDFILE: Final = "X-Sendfile"
INTERNAL: Final = ("x-accel-", "x-sendfile")
OWN: Final = b"what the application itself has to say"
LARGE: Final = random.Random(6).randbytes((1 << 20) + 1)  # more than is read at once
UNDECODABLE: Final = os.fsdecode(b"\xff.txt")

NAMES: Final = (
    'a.txt a_b.txt sub/b.txt a+b.txt a&b=c.txt a;b.txt a:b.txt a%2Fb.txt %2e%2e 100%.txt q?.txt h#.txt q".txt @named'
    " ü.txt é.txt 中文.txt 🎈.txt .env ..a ... ~ a.txt~ =?utf-8?q?a?= host/a.txt"
).replace("_", "\0")
FILES: Final = MappingProxyType(
    {name.replace("\0", " "): f"this is {name!a}".encode() for name in NAMES.split(" ")}
    | {UNDECODABLE: b"a name that is not UTF-8", "new\nline.txt": b"two lines", "back\\slash.txt": b"no separator"}
    | {"large.bin": LARGE, "empty.txt": b"", "trailing ": b"a space at the end"}
)
"""What is in the root, by name."""


class HandingOff:
    """An application that answers every request alike, and counts what becomes of its body."""

    def __init__(
        self, *headers: tuple[str, str], status: str = "200 OK", media_type: str | None = "text/plain"
    ) -> None:
        own = [("Content-Type", media_type), ("Content-Length", str(len(OWN)))]
        self.headers = (
            [] if status[:3] in ("204", "304") else [(name, text) for name, text in own if text is not None]
        )
        self.headers += headers
        self.status = status
        self.taken = 0
        self.closed = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, list(self.headers))
        return self

    def __iter__(self) -> Iterator[bytes]:
        self.taken += 1
        yield OWN

    def close(self) -> None:
        self.closed += 1


def plant_reports(directory: Path) -> Path:
    """The private root, with links in it, in a directory where other files lie beside it."""
    outside = {"outside/secret.txt": SECRET, "reports-secret/a.txt": SECRET, "protectedx/a.txt": SECRET}
    plant(directory, {**outside, "a.txt": SECRET})
    root = plant(directory / "reports", FILES)
    for name, target in {"alias": "reports", "release": ".", "elsewhere": "outside"}.items():
        (directory / name).symlink_to(target)
    links = {
        "inward.txt": "a.txt",
        "outward.txt": "../outside/secret.txt",
        "inward": "sub",
        "outward": "../outside",
        "self": ".",
    }
    for name, target in {**links, "absolute.txt": str(root / "a.txt"), "dangling": "none", "loop": "loop"}.items():
        (root / name).symlink_to(target)
    os.mkfifo(root / "fifo")
    return root


def mount(application: WSGIApplication, root: Path, prefix: str | None = "/protected/") -> WhiteMedia:
    """WhiteMedia with one private root."""
    media = WhiteMedia(application, cache_dir=None)
    media.add_private(root, prefix)
    return media


def ask(
    application: WSGIApplication,
    method: str = "GET",
    fields: Mapping[str, str] = MappingProxyType({}),
    path: str = "/",
) -> Answer:
    """Ask inside a validator, and judge what holds of every answer to a hand-off, also where a field is given twice."""
    answer = call(validator(application), make_environ(method, path, fields))
    assert not [name for name in answer.fields if name.startswith(INTERNAL)]
    assert not [text for field in answer.headers.items() for text in field if "\r" in text or "\n" in text]
    for name in ("Content-Type", "Content-Length", "Content-Range", "ETag", "Last-Modified", "Accept-Ranges"):
        assert len(answer.headers.get_all(name)) <= 1
    if answer.status in (204, 304):
        assert not {"content-length", "content-type", "content-encoding"} & answer.fields.keys()
    if answer.status in (204, 304) or method == "HEAD":
        assert answer.body == b""
    else:
        assert answer.headers["Content-Length"] == str(len(answer.body))
    return answer


def errors(log: pytest.LogCaptureFixture) -> list[str]:
    """The messages that whitemedia has logged as errors."""
    return [record.getMessage() for record in log.records if record.levelno >= logging.ERROR]


def wsgi(text: str) -> str:
    """UTF-8 as PEP 3333 spells it."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_reports(tmp_path_factory.mktemp("handoff"))


def both(root: Path) -> dict[str, str]:
    """A file by each field: which one is sent tells which counted."""
    return {ACCEL: "/protected/a.txt", SENDFILE: f"{root}/sub/b.txt"}


@pytest.mark.parametrize("name", [ACCEL, SENDFILE])
@pytest.mark.parametrize(
    "spelled", [str.title, str.lower, str.upper, str.swapcase], ids=lambda case: case.__name__
)
def test_a_field_counts_in_any_case_and_is_never_sent(
    root: Path, name: str, spelled: Callable[[str], str]
) -> None:
    answer = ask(mount(validator(HandingOff((spelled(name), both(root)[name]))), root))
    assert (answer.status, answer.body) == (200, FILES["a.txt" if name == ACCEL else "sub/b.txt"])


GIVEN = [
    pytest.param([ACCEL, SENDFILE], "a.txt", id="X-Accel-Redirect counts before X-Sendfile"),
    pytest.param([SENDFILE, ACCEL], "a.txt", id="in any order"),
    pytest.param([ACCEL, ACCEL], None, id="X-Accel-Redirect twice"),
    pytest.param([SENDFILE, SENDFILE], None, id="X-Sendfile twice"),
    pytest.param([ACCEL, SENDFILE, ACCEL], None, id="X-Accel-Redirect twice, about an X-Sendfile"),
    pytest.param([SENDFILE, ACCEL, SENDFILE], "a.txt", id="X-Sendfile twice, about an X-Accel-Redirect"),
    pytest.param([SENDFILE, SENDFILE.lower()], None, id="X-Sendfile twice, in different cases"),
]


@pytest.mark.parametrize(("names", "sent"), GIVEN)
def test_one_field_names_the_file_and_several_of_a_name_none(
    root: Path, caplog: pytest.LogCaptureFixture, names: list[str], sent: str | None
) -> None:
    values = {name.lower(): value for name, value in both(root).items()}
    headers = [(name, values[name.lower()]) for name in names]
    answer = ask(mount(HandingOff(*headers), root))
    if sent is not None:
        assert (answer.status, answer.body, errors(caplog)) == (200, FILES[sent], [])
        return
    assert answer.status == 404
    [message] = errors(caplog)
    counted = names[0].lower()
    assert message.count(repr(values[counted])) == names.count(names[0]) + names.count(names[0].lower())


def test_without_a_prefix_files_are_named_by_path_alone(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    fields = both(root)
    assert ask(mount(HandingOff((SENDFILE, fields[SENDFILE])), root, None)).status == 200
    for target in ("/protected/a.txt", "/a.txt", "a.txt", f"{root}/a.txt", "/None/a.txt"):
        assert ask(mount(HandingOff((ACCEL, target)), root, None)).status == 404
    assert len(errors(caplog)) == 5


@pytest.mark.parametrize("name", [ACCEL, SENDFILE])
def test_of_several_roots_the_one_with_the_longest_prefix_counts(tmp_path: Path, name: str) -> None:
    """A file that it does not have is not looked for in another: which root a name belongs to is not the disk's say."""
    outer = plant(
        tmp_path / "outer", {"a.txt": b"outer", "inner/a.txt": b"inner, of outer", "inner/b.txt": b"outer"}
    )
    other = plant(tmp_path / "other", {"a.txt": b"other"})
    application = HandingOff()
    media = mount(application, outer, "/files/")
    media.add_private(outer / "inner" if name == SENDFILE else other, "/files/inner/")

    def send(below: str) -> Answer:
        application.headers[2:] = [(name, f"/files/{below}" if name == ACCEL else f"{outer}/{below}")]
        return ask(media)

    assert send("a.txt").body == b"outer"
    assert send("inner/a.txt").body == (b"other" if name == ACCEL else b"inner, of outer")
    assert send("inner/b.txt").status == (404 if name == ACCEL else 200)
    media.add_private(other, "/fil/")
    media.add_private(other)
    assert send("a.txt").body == b"outer"
    with pytest.raises(OptionError, match="another root's"):
        media.add_private(other, "/files/")


@pytest.mark.parametrize(
    "path", ["/protected/a.txt", "/protected/", "/protected/none", "/protected/../protected/a.txt"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_is_private_is_nothing_to_a_request_for_it(root: Path, method: str, path: str) -> None:
    application = HandingOff()
    answer = ask(mount(application, root), method, path=path)
    assert (answer.status, answer.headers["Cache-Control"], application.closed) == (404, "no-store", 0)


REQUESTED = [
    {"X-Accel-Redirect": "/protected/a.txt"},
    {"X-Sendfile": "{root}/a.txt"},
    {"X-Sendfile-Type": "X-Accel-Redirect", "X-Accel-Mapping": "/=/protected/"},
    {"X-Accel-Mapping": "/protected/=/etc/", "X-Accel-Limit-Rate": "1"},
]


@pytest.mark.parametrize("fields", REQUESTED, ids=[next(iter(fields)) for fields in REQUESTED])
@pytest.mark.parametrize("target", [None, "/protected/a.txt"], ids=["passed on", "handed off"])
def test_no_field_of_a_request_changes_anything(root: Path, target: str | None, fields: dict[str, str]) -> None:
    application = mount(HandingOff(*([] if target is None else [(ACCEL, target)])), root)
    plain = ask(application)
    answer = ask(application, fields={name: value.format(root=root) for name, value in fields.items()})
    assert (answer.status, answer.fields, answer.body) == (plain.status, plain.fields, plain.body)


def test_an_answer_that_names_no_file_is_the_applications(root: Path) -> None:
    """Also with fields for a server in front: it is to see them."""
    application = HandingOff(("X-Accel-Buffering", "no"), ("X-Accel-Expires", "0"))
    server = Server()
    body = mount(application, root)(make_environ("GET", "/"), server.start_response)
    assert body is application
    assert server.calls == [(application.status, application.headers)]


def test_without_a_private_root_nothing_is_between_the_server_and_the_application(root: Path) -> None:
    application = HandingOff((ACCEL, "/protected/a.txt"), (SENDFILE, f"{root}/a.txt"))
    media = WhiteMedia(application, cache_dir=None)
    assert media.application is application
    answer = call(validator(media), make_environ("GET", "/"))
    assert answer.headers[ACCEL] == "/protected/a.txt"
    assert answer.headers[SENDFILE] == f"{root}/a.txt"


@pytest.mark.parametrize("construction", ["memory", "autorefresh"])
def test_static_files_are_answered_as_before_and_cannot_be_handed_off(tree: Path, construction: str) -> None:
    media = construct(HandingOff((SENDFILE, f"{tree}/app.css")), tree, construction=construction)
    media.add_private(plant(tree.parent / "private", {"a.txt": b"private"}))
    assert ask(media, path="/static/app.css").body == STATIC["app.css"]
    assert ask(media, path="/static/none.css").status == 404
    media.refresh()
    assert ask(media).status == 404
