"""Files that the application hands off: it answers with `X-Accel-Redirect` or `X-Sendfile`, and the file is sent.

The application has decided who may have it, and keeps the say on status, cookies, type, disposition and caching. What
follows from the bytes is ours: length, entity tag, date, ranges. Roots come from the constructor alone: nothing in a
request chooses one, and what an application names outside them is never sent.
"""

from __future__ import annotations

import copy
import functools
import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from whitemedia.assets.files import Opened, StatKey
from whitemedia.assets.representation import NOSNIFF
from whitemedia.assets.sniffing import HEAD_LENGTH, ask_libmagic
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Header, Response
from whitemedia.media.looking import describe, look
from whitemedia.media.policy import Policy, essence_of
from whitemedia.media.targets import ACCEL, SENDFILE, PrivateRoot, find_target
from whitemedia.serving import answers
from whitemedia.serving.intercept import intercept
from whitemedia.serving.live import FRESHNESS, Found
from whitemedia.serving.responder import SAFE, respond_from_file

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_KEPT: Final = 4096
"""Files of which it is remembered how they are presented; with more it begins anew."""

# What describes the application's own body, or is ours to say of the file's
_REPLACED: Final = frozenset(
    {"accept-ranges", "content-digest", "content-encoding", "content-length", "content-md5", "content-range"}
    | {"content-type", "digest", "etag", "last-modified", "repr-digest", "transfer-encoding"}
)
_OF_A_BODY: Final = frozenset({"content-disposition", "content-language"})
_OF_CACHES: Final = frozenset({"cache-control", "expires"})

# Given by an application that has looked at the request's conditions itself: they are ours to look at
_CONDITIONAL: Final = (
    HTTPStatus.OK,
    HTTPStatus.PARTIAL_CONTENT,
    HTTPStatus.NOT_MODIFIED,
    HTTPStatus.PRECONDITION_FAILED,
)
_EMPTY: Final = (HTTPStatus.RESET_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)

_MAGIC: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
"""How what is coded begins."""

_log = logging.getLogger("whitemedia")


class HandOff:
    """The application, whose answers may name a file that is sent in their place."""

    def __init__(self, application: WSGIApplication, policy: Policy) -> None:
        self.application = application
        self.roots: tuple[PrivateRoot, ...] = ()
        self._policy = policy
        self._presented: dict[tuple[str, StatKey], tuple[Header, ...]] = {}

    def add_root(self, root: PrivateRoot) -> None:
        """Send files of `root` as well. Of two roots the one with the longer prefix counts, and the later one."""
        self.roots = tuple(sorted((root, *self.roots), key=lambda one: -len(one.prefix or "")))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer, and send the file that it names (PEP 3333)."""
        method = environ["REQUEST_METHOD"]  # a framework may change it to its own liking
        start = functools.partial(_start_without_fields, start_response)
        return intercept(self.application, environ, start, functools.partial(self.decide, method, environ))

    def decide(self, method: str, environ: WSGIEnvironment, status: str, headers: list[Header]) -> Response | None:
        """What takes the place of the application's answer; None if that names no file."""
        given = [(name.lower(), value) for name, value in headers if name.lower() in (ACCEL, SENDFILE)]
        if not given:
            return None
        answer = _Answer(status, headers)
        if answer.code < HTTPStatus.OK or answer.code == HTTPStatus.NO_CONTENT:
            return answer.dress(Response(HTTPStatus.NO_CONTENT, ()))
        if answer.code in _EMPTY or (
            answer.code == HTTPStatus.PRECONDITION_FAILED and not _has_conditions(environ)
        ):
            return answer.dress(answers.precondition_failed(()))
        found = self._find(given)
        if found is None:
            return answer.dress(answers.not_found(method))
        root, name = found
        conditions = environ if method in SAFE and answer.code in _CONDITIONAL else _without_conditions(environ)
        finding = functools.partial(_look_for, root.path, name, functools.partial(self._describe, answer))
        # A POST is answered with the whole, as any but a HEAD
        return answer.dress(respond_from_file(finding, name, "HEAD" if method == "HEAD" else "GET", conditions))

    def _find(self, given: list[Header]) -> tuple[PrivateRoot, str] | None:
        """The root and the path below it that the fields name. None, and an error in the log, if they name nothing
        that may be sent.

        X-Accel-Redirect counts before X-Sendfile, which says the same to another server.
        """
        field = ACCEL if any(name == ACCEL for name, _ in given) else SENDFILE
        values = [value for name, value in given if name == field]
        target = find_target(self.roots, field, values[0]) if len(values) == 1 else None
        if target is None:
            _log.error("%s names nothing beneath a private root: %s", field, ", ".join(map(repr, values)))
        return target

    def _describe(self, answer: _Answer, name: str, opened: Opened) -> Found:
        """The file, with the application's type or, without one, presented as an unknown user's."""
        if answer.media_type:
            fields: tuple[Header, ...] = (("Content-Type", answer.media_type),)
        else:
            fields = self._present(name, opened)
        coding = answer.coding if _is_coded(opened, name, answer.coding) else IDENTITY
        return describe(name, opened, (*fields, NOSNIFF), time.time(), coding)

    def _present(self, name: str, opened: Opened) -> tuple[Header, ...]:
        """What the policy says of a file, remembered: to look into it may take longer than to send it."""
        fields = self._presented.get((name, opened.stat_key))
        if fields is None:
            last = name.rpartition("/")[2]
            fields = self._policy.present(last, opened.read_head(HEAD_LENGTH), ask_libmagic).headers(last)
            if len(self._presented) >= MAX_KEPT:
                self._presented.clear()
            self._presented[name, opened.stat_key] = fields
        return fields


class _Answer:
    """What the application answered with: its status, and what is kept of its fields."""

    def __init__(self, status: str, headers: list[Header]) -> None:
        self.code = int(status[:3]) if status[:3].isdecimal() else 0
        self.media_type = _chosen_type(headers)
        self.coding = "" if _is_saved(headers) else ", ".join(_values(headers, "content-encoding")).lower()
        self._status = status
        self._kept = tuple(pair for pair in headers if not _is_replaced(pair[0].lower()))

    def dress(self, response: Response) -> Response:
        """`response` with the application's status, and with its fields as far as they say something of it."""
        status, is_ours = response.status[:3], response.status.startswith(("404", "503"))
        is_refusal = self.code in _CONDITIONAL and status in ("412", "416")
        dropped = frozenset() if status in ("200", "206") else _OF_A_BODY
        # A cache that kept it for as long as the file would give it to whoever asks for the file
        if is_ours or is_refusal:
            dropped |= FRESHNESS
        kept = tuple(pair for pair in self._kept if pair[0].lower() not in dropped)
        names = {name.lower() for name, _ in kept}
        # Of several Content-Security-Policies each counts: the application's own takes nothing from ours
        fields = [pair for pair in response.headers if pair[0].lower() not in names - {"content-security-policy"}]
        if not is_ours and not names & _OF_CACHES:
            fields.append(("Cache-Control", "private, no-cache"))
        dressed = copy.copy(response)
        dressed.headers = (*fields, *kept)
        if not is_ours and self.code not in _CONDITIONAL:
            dressed.status = self._status
        return dressed


def _look_for(root: str, name: str, describing: Callable[[str, Opened], Found]) -> Found | None:
    found = look(root, name, describing)
    if found is None:
        _log.error("handed off, but there is no such file: %r beneath %r", name, root)
    return found


def refuse(environ: WSGIEnvironment) -> Response:
    """Answer a request for something beneath a private prefix: without a hand-off, it is nothing."""
    return answers.not_found(environ["REQUEST_METHOD"])


def _is_replaced(name: str) -> bool:
    return name in _REPLACED or name.startswith(("x-accel-", "x-sendfile"))


def _values(headers: list[Header], name: str) -> list[str]:
    """The values of a field that say anything."""
    return [value.strip() for key, value in headers if key.lower() == name and value.strip()]


def _is_saved(headers: list[Header]) -> bool:
    """Whether it is to be saved: then as it is, not decoded by the browser first."""
    return any(value.lower().startswith("attachment") for value in _values(headers, "content-disposition"))


def _is_coded(opened: Opened, name: str, coding: str) -> bool:
    """Whether a file is coded as the application says, and that was not said of the body that is dropped."""
    if coding == "br":
        return name.lower().endswith(".br")
    return coding in _MAGIC and opened.read_head(4).startswith(_MAGIC[coding])


def _chosen_type(headers: list[Header]) -> str:
    """The media type that the application chose; "" if it chose none.

    HTML is what frameworks say of an answer of which they are told nothing: it is meant where a disposition says that
    somebody has thought of what a browser does with it.
    """
    media_type = next(iter(_values(headers, "content-type")), "")
    is_default = essence_of(media_type) == "text/html" and not _values(headers, "content-disposition")
    return "" if is_default else media_type


def _start_without_fields(
    start_response: StartResponse, status: str, headers: list[Header], exc_info: OptExcInfo | None = None
) -> Callable[[bytes], object]:
    """Where an answer comes too late to be replaced, its fields are still none of the client's business."""
    kept = [pair for pair in headers if pair[0].lower() not in (ACCEL, SENDFILE)]
    headers = headers if len(kept) == len(headers) else kept
    return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)


def _has_conditions(environ: WSGIEnvironment) -> bool:
    """Whether the request may be refused for what it asks of a file that it has: then that is ours to judge."""
    is_asked = "HTTP_IF_MATCH" in environ or "HTTP_IF_UNMODIFIED_SINCE" in environ
    return is_asked and environ["REQUEST_METHOD"] in SAFE


def _without_conditions(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The request without what asks for less than the whole."""
    return {key: value for key, value in environ.items() if key != "HTTP_RANGE" and not key.startswith("HTTP_IF_")}
