"""A version that is not the one that is there now: as it was, if the store still has it, else what there is instead.

A version that nobody was ever given is a 404 that no cache keeps: else anybody could fill caches with names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from whitemedia.assets.codings import CODINGS
from whitemedia.assets.headers import IMMUTABLE
from whitemedia.assets.packs import PackBody
from whitemedia.assets.representation import Content, Representation, Resource
from whitemedia.assets.store import Coded, Store
from whitemedia.assets.validators import digest_etag
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Response
from whitemedia.serving import answers
from whitemedia.serving.live import revalidated
from whitemedia.serving.responder import SAFE, respond, respond_selected, share

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of an earlier version that is decoded for one request."""


def respond_to_version(
    plain: Resource, digest: bytes | None, store: Store, environ: WSGIEnvironment
) -> Response | None:
    """Answer for an earlier version of `plain`; `digest` is its SHA-256, None if nobody was given it."""
    if digest is None:
        return answers.not_found(environ["REQUEST_METHOD"])
    data = earlier(digest, store) if environ["REQUEST_METHOD"] in SAFE else None
    response = _respond_now(plain, environ) if data is None else _respond_as_it_was(plain, digest, data, environ)
    if response is None or plain.allow_list is None:
        return response
    return share(response, plain.allow_list, environ)


def _respond_now(plain: Resource, environ: WSGIEnvironment) -> Response | None:
    response = respond(plain, environ)
    return None if response is None else response.with_headers(revalidated(response.headers))


def _respond_as_it_was(plain: Resource, digest: bytes, data: bytes, environ: WSGIEnvironment) -> Response:
    headers = (*(pair for pair in plain.headers if pair[0].lower() != "cache-control"), IMMUTABLE)
    content = Content(len(data), digest, digest_etag(digest), data)
    representation = Representation(IDENTITY, content, headers)
    return respond_selected(representation, None, None, environ["REQUEST_METHOD"], environ)


def earlier(digest: bytes, store: Store) -> bytes | None:
    """The bytes with this SHA-256, from a coded body of them."""
    for coding in CODINGS:
        kept = store.body(digest, coding.name, 0)
        if not isinstance(kept, Coded):
            continue
        body = kept.body
        coded = body.read_checked(kept.digest) if isinstance(body, PackBody) else body
        data = None if coded is None else coding.decode(coded, LONGEST)
        if data is not None and hashlib.sha256(data).digest() == digest:
            return data
    return None
