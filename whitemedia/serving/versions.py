"""A version that is not the one that is there now: as it was, if the store still has it, else what there is instead.

A version that nobody was ever given is a 404 that no cache keeps: else anybody could fill caches with names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from whitemedia.assets.codings import CODINGS
from whitemedia.assets.packs import PackBody
from whitemedia.assets.representation import Content, Representation, Resource
from whitemedia.assets.store import Coded, Store
from whitemedia.assets.table import Earlier
from whitemedia.assets.validators import digest_etag
from whitemedia.http.media_types import media_type_by_name
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Response
from whitemedia.serving import answers
from whitemedia.serving.live import revalidated
from whitemedia.serving.responder import SAFE, respond, respond_selected, share

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST: Final = 4 * 1024 * 1024
"""Bytes of an earlier version that is decoded for a request."""


def respond_to_version(
    found: Earlier, digest: bytes | None, store: Store, environ: WSGIEnvironment
) -> Response | None:
    """Answer for an earlier version; `digest` is its SHA-256, None if nobody was given it. None: the application is to."""
    plain, method = found.plain, environ["REQUEST_METHOD"]
    if method in SAFE and digest is None:
        return answers.not_found(method)
    data = _earlier(plain, digest, store) if method in SAFE and digest is not None else None
    if data is None or digest is None:
        response = _respond_now(plain, environ)
    else:
        content = Content(len(data), digest, digest_etag(digest), data)
        headers, tells_digest = found.versioned.headers, plain.tells_digest
        representation = Representation(IDENTITY, content, headers, tells_digest=tells_digest)
        response = respond_selected(representation, None, None, method, environ)
    if response is None or plain.allow_list is None:
        return response
    return share(response, plain.allow_list, environ)


def _respond_now(plain: Resource, environ: WSGIEnvironment) -> Response | None:
    response = respond(plain, environ)
    return None if response is None else response.with_headers(revalidated(response.headers))


def _earlier(plain: Resource, digest: bytes, store: Store) -> bytes | None:
    """Its bytes, if their type is told by the name: what was found in the file there is now says nothing of them."""
    name = plain.source.url_path.rpartition("/")[2]
    return None if media_type_by_name(name, {}) is None else earlier(digest, store)


def earlier(digest: bytes, store: Store) -> bytes | None:
    """The bytes with this SHA-256, from a coded body of them."""
    for coding in CODINGS:
        kept = store.body(digest, coding.name, 0)
        if not isinstance(kept, Coded):
            continue
        body = kept.body
        coded = body.read_checked(kept.digest) if isinstance(body, PackBody) else body
        data = None if coded is None else coding.decode(coded, LONGEST)
        if data is not None and len(data) <= LONGEST and hashlib.sha256(data).digest() == digest:
            return data
    return None
