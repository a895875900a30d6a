"""A version that is not the one that is there now: as it was, if the store still has it, else what there is instead.

A version that nobody was ever given is a 404 that no cache keeps: else anybody could fill caches with names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

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
from whitemedia.serving.responder import SAFE, respond, respond_selected

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST = 16 * 1024 * 1024
"""Bytes of an earlier version that is decoded for one request."""


def respond_to_version(
    plain: Resource, digest: bytes | None, store: Store, environ: WSGIEnvironment
) -> Response | None:
    """Answer for an earlier version of `plain`; `digest` is its SHA-256, None if nobody was given it."""
    method = environ["REQUEST_METHOD"]
    if digest is None:
        return answers.not_found(method)
    data = earlier(digest, store) if method in SAFE else None
    if data is None:
        response = respond(plain, environ)
        return None if response is None else response.with_headers(revalidated(response.headers))
    headers = (*(pair for pair in plain.headers if pair[0].lower() != "cache-control"), IMMUTABLE)
    content = Content(len(data), digest, digest_etag(digest), data)
    return respond_selected(Representation(IDENTITY, content, headers), None, None, method, environ)


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
