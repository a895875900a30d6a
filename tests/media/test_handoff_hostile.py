"""Applications of every shape, that fail, or that pass on what others wrote: nothing stays open, nothing internal leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import call, make_environ, open_descriptors
from tests.media.test_handoff import ACCEL, FILES, INTERNAL, LARGE, SENDFILE, HandingOff, ask, mount, plant_reports
from tests.serving.applications import CLOSING, SHAPES, VALID, Application, Server, Shape, every

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TARGET: Final = (ACCEL, "/protected/large.bin")
OTHER: Final = (ACCEL, "/protected/a.txt")
MISSING: Final = (ACCEL, "/protected/none")
TYPE: Final = ("Content-Type", "text/plain")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_reports(tmp_path_factory.mktemp("handoff"))


# Of every shape


@every(SHAPES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whatever_is_returned_the_file_is_sent_and_the_body_closed_unread(
    root: Path, shape: Shape, method: str
) -> None:
    """Also by generators, which tell of the file only when they are iterated, and by what calls write()."""
    before, server, application = open_descriptors(), Server(), Application(shape, "200 OK")
    application.headers += [TARGET]
    assert server.serve(mount(application, root), make_environ(method, "/")) == (LARGE if method == "GET" else b"")
    assert (application.taken, application.closed) == (shape.taken, shape.closes)
    assert len(server.calls) == 1
    assert open_descriptors() == before


@every(VALID)
def test_a_valid_application_stays_valid(root: Path, shape: Shape) -> None:
    application = Application(shape, "200 OK")
    application.headers += [TARGET]
    answer = ask(mount(validator(application), root), fields={"Range": "bytes=0-9"})
    assert (answer.status, answer.body) == (206, LARGE[:10])


@pytest.mark.parametrize("taken", [0, 1])
@every(CLOSING)
def test_a_client_that_leaves_leaves_nothing_open(root: Path, shape: Shape, taken: int) -> None:
    before, application = open_descriptors(), Application(shape, "200 OK")
    application.headers += [TARGET]
    body: Any = mount(application, root)(make_environ("GET", "/"), Server().start_response)
    for _ in zip(range(taken), body, strict=False):
        pass
    body.close()
    assert (application.closed, open_descriptors()) == (1, before)


# That fail


class ApplicationError(Exception):
    """What goes wrong in an application."""


def fail() -> None:
    raise ApplicationError


def answering(*answers: list[tuple[str, str]]) -> WSGIApplication:
    """An application that answers, meets an error, and answers with that; without another answer it raises."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [TYPE, *answers[0]])
        for headers in answers[1:]:
            try:
                fail()
            except ApplicationError:
                start_response("500 Sorry", [TYPE, *headers], sys.exc_info())
        if not answers[1:]:
            fail()
        return [b"sorry"]

    return application


def generated(application: WSGIApplication) -> WSGIApplication:
    """The same, once its body is iterated."""

    def generate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield from application(environ, start_response)

    return generate


WHEN = pytest.mark.parametrize("shaped", [lambda it: it, generated], ids=["when called", "when iterated"])


@WHEN
@pytest.mark.parametrize("headers", [[TARGET], [MISSING], []], ids=["a file", "none", "no hand-off"])
def test_what_an_application_raises_is_raised_and_the_file_closed(
    root: Path, shaped: Callable[[WSGIApplication], WSGIApplication], headers: list[tuple[str, str]]
) -> None:
    before, server = open_descriptors(), Server()
    with pytest.raises(ApplicationError):
        server.serve(mount(shaped(answering(headers)), root))
    assert len(server.calls) == (not headers)
    assert open_descriptors() == before


AGAIN = [
    pytest.param([[TARGET], []], "500 Sorry", b"sorry", id="a file, then an error page"),
    pytest.param([[MISSING], []], "500 Sorry", b"sorry", id="a missing file, then an error page"),
    pytest.param([[], [OTHER]], "500 Sorry", FILES["a.txt"], id="a page, then a file as error page"),
    pytest.param([[TARGET], [OTHER]], "500 Sorry", FILES["a.txt"], id="a file, then another as error page"),
    pytest.param([[OTHER], [TARGET]], "500 Sorry", LARGE, id="a file, then a large one as error page"),
    pytest.param([[TARGET], [TARGET], []], "500 Sorry", b"sorry", id="a file twice, then an error page"),
    pytest.param([[], [TARGET], [OTHER]], "500 Sorry", FILES["a.txt"], id="a page, then two files"),
    pytest.param([[], [MISSING]], "404 Not Found", b"404 Not Found\n", id="a page, then a missing file"),
]


@WHEN
@pytest.mark.parametrize(("answers", "status", "body"), AGAIN)
def test_of_several_answers_the_last_one_counts(
    root: Path, shaped: Callable[[WSGIApplication], WSGIApplication], answers: Any, status: str, body: bytes
) -> None:
    before, server = open_descriptors(), Server()
    assert server.serve(mount(shaped(answering(*answers)), root)) == body
    assert server.status == status
    assert open_descriptors() == before


def test_a_second_answer_without_an_error_is_one(root: Path) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [TYPE, TARGET])
        start_response("200 OK", [TYPE, OTHER])
        return []

    before, server = open_descriptors(), Server()
    with pytest.raises(AssertionError, match="start_response"):
        server.serve(mount(application, root))
    assert (server.calls, open_descriptors()) == ([], before)


def test_headers_that_are_changed_after_the_call_change_nothing(root: Path) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = [TYPE, TARGET, ("X-Kept", "yes")]
        start_response("200 OK", headers)
        headers.clear()
        environ.clear()
        return []

    server = Server()
    assert server.serve(mount(application, root)) == LARGE
    assert ("X-Kept", "yes") in server.calls[0][1]  # type: ignore[operator]


def test_the_method_is_the_one_that_was_asked_with_whatever_the_application_makes_of_it(root: Path) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["REQUEST_METHOD"] = "GET"
        return HandingOff(TARGET)(environ, start_response)

    answer = ask(mount(application, root), "HEAD")
    assert (answer.headers["Content-Length"], answer.body) == (str(len(LARGE)), b"")
    assert ask(mount(application, root), "POST", {"Range": "bytes=0-1"}).body == LARGE


# What others wrote


@pytest.mark.parametrize(
    "target",
    [
        "/protected/a%0D%0ASet-Cookie:%20a=1",
        "/protected/%0d%0a%0d%0a<script>",
        "/x%0D%0A",
        "/protected/new%0Aline.txt",
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "416 Range Not Satisfiable"])
def test_a_line_break_in_a_name_ends_no_field_and_no_line_of_the_log(
    root: Path, caplog: pytest.LogCaptureFixture, target: str, status: str
) -> None:
    answer = ask(mount(HandingOff((ACCEL, target), status=status, media_type=None), root))
    assert "Set-Cookie" not in answer.headers
    assert not any("\n" in record.getMessage() or "\r" in record.getMessage() for record in caplog.records)


names = st.one_of(
    st.sampled_from(
        [
            ACCEL,
            SENDFILE,
            "x-accel-redirect",
            "X-SENDFILE",
            "X-Accel-Limit-Rate",
            "X-Sendfile-Type",
            *(
                "Set-Cookie",
                "ETag",
                "Content-Length",
                "Content-Range",
                "Content-Encoding",
                "Content-Type",
                "Cache-Control",
            ),
        ]
    ),
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}[A-Za-z0-9]", fullmatch=True).filter(
        lambda name: name.lower() != "status"
    ),
)
texts = st.one_of(
    st.sampled_from(
        ["/protected/a.txt", "/protected/large.bin", "/protected/../a", "/protected/", "{root}/a.txt", "gzip"]
    ),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40),
    st.text(st.characters(min_codepoint=0x20), max_size=10).map(lambda text: f"/protected/{text}"),
    st.text(st.characters(min_codepoint=0x20), max_size=20).map(lambda text: f"=?utf-8?b?{text}?="),
    st.text("=?utf8-bqQBK_/.%2eF0", max_size=40).map(lambda text: f"=?{text}"),
)
statuses = st.sampled_from(
    ["200 OK", "201 Created", "204 None", "205 Reset", "206 Part", "304 Same", "404 No", "416 No"]
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "Range": st.sampled_from(["bytes=0-1", "bytes=0-1,3-4", "bytes=9999999-", "x"]),
        "If-None-Match": st.sampled_from(["*", '"x"']),
        "If-Match": st.sampled_from(["*", '"x"']),
    },
)


@given(
    status=statuses,
    headers=st.lists(st.tuples(names, texts), max_size=8),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    fields=requests,
)
def test_whatever_an_application_sends_no_internal_field_leaves_and_nothing_stays_open(
    root: Path, status: str, headers: list[tuple[str, str]], method: str, fields: dict[str, str]
) -> None:
    headers = [(name, text.replace("{root}", str(root))) for name, text in headers]
    is_handed_off = any(name.lower() in ("x-accel-redirect", "x-sendfile") for name, _ in headers)
    before, application = open_descriptors(), HandingOff(status=status)
    application.headers = headers
    answer = call(mount(application, root), make_environ(method, "/", fields))
    assert (application.closed, open_descriptors()) == (1, before)
    if not is_handed_off:
        assert answer.headers.items() == headers
        return
    assert not [name for name in answer.fields if name.startswith(INTERNAL)]
    assert all(len(answer.headers.get_all(name)) <= 1 for name in ("Content-Type", "Content-Length", "ETag"))
    if answer.status in (204, 304) or method == "HEAD":
        assert answer.body == b""
        assert answer.status not in (204, 304) or "content-length" not in answer.fields
    else:
        assert answer.fields["content-length"] == str(len(answer.body))
