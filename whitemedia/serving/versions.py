"""A version that is not the one that is there now: as it was, if the store still has it, else what there is instead.

A version that nobody was ever given is a 404 that no cache keeps: else anybody could fill caches with names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whitemedia.assets.headers import Place, ResourceHeaders, build_headers, versioned_headers
from whitemedia.assets.representation import ACCEPT_RANGES, Content, Representation
from whitemedia.assets.resource import Resource
from whitemedia.assets.table import Earlier
from whitemedia.assets.validators import digest_etag
from whitemedia.http.media_types import media_type_by_name
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.paths import unspell
from whitemedia.http.response import Header, Response
from whitemedia.serving import answers
from whitemedia.serving.live import revalidated
from whitemedia.serving.responder import SAFE, respond, respond_selected, share

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def respond_to_version(
    found: Earlier, digest: bytes | None, data: bytes | None, environ: WSGIEnvironment
) -> Response | None:
    """Answer for an earlier version; None if the application is to.

    `digest` is its SHA-256, None if nobody was given it, and `data` its bytes, if the store has them.
    """
    if found.resources is None:
        return _respond_to_gone(found, digest, data, environ)
    plain, versioned = found.resources
    method = environ["REQUEST_METHOD"]
    if method in SAFE and digest is None:
        return answers.not_found(method)
    if method not in SAFE or data is None or digest is None or not _is_typed(plain.source.url_path):
        response = _respond_now(plain, environ)
    else:
        response = _respond(found, data, digest, versioned.headers, environ)
    if response is None or plain.allow_list is None:
        return response
    return share(response, plain.allow_list, environ)


def _respond_to_gone(
    found: Earlier, digest: bytes | None, data: bytes | None, environ: WSGIEnvironment
) -> Response | None:
    """Of a file that is not there: not there any more, or only in another release."""
    method = environ["REQUEST_METHOD"]
    if digest is None or method not in SAFE:
        return None
    headers = _headers_of_gone(found)
    if data is None or headers is None:
        return answers.not_found(method)
    fields = versioned_headers(found.mount.options, (*headers.fields, ACCEPT_RANGES))
    response = _respond(found, data, digest, fields, environ)
    return response if headers.allow_list is None else share(response, headers.allow_list, environ)


def _headers_of_gone(found: Earlier) -> ResourceHeaders | None:
    """What they would be if it was there, if its type is told by its name."""
    options, path = found.mount.options, unspell(found.path)
    url_path = path[len(unspell(found.mount.prefix)) :]
    media_type = media_type_by_name(url_path.rpartition("/")[2], options.mimetypes)
    if media_type is None or not _is_typed(url_path):
        return None
    return build_headers(media_type, Place(f"{found.mount.root.path}/{url_path}", url_path, path), None, options)


def _is_typed(url_path: str) -> bool:
    """Whether its type is told by its name: what was found in the file there is now says nothing of another."""
    return media_type_by_name(url_path.rpartition("/")[2], {}) is not None


def _respond(
    found: Earlier, data: bytes, digest: bytes, headers: tuple[Header, ...], environ: WSGIEnvironment
) -> Response:
    content, tells_digest = Content(len(data), digest, digest_etag(digest), data), found.mount.options.repr_digest
    representation = Representation(IDENTITY, content, headers, tells_digest=tells_digest)
    return respond_selected(representation, None, None, environ["REQUEST_METHOD"], environ)


def _respond_now(plain: Resource, environ: WSGIEnvironment) -> Response | None:
    response = respond(plain, environ)
    return None if response is None else response.with_headers(revalidated(response.headers))
