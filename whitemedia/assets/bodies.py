"""The bytes of what was indexed, wherever they are."""

from __future__ import annotations

import hashlib

from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.files import read_in_state
from whitemedia.assets.packs import PackBody
from whitemedia.assets.references import apply_edits
from whitemedia.assets.representation import Content, FileBody
from whitemedia.assets.resource import Resource
from whitemedia.http.negotiation import IDENTITY


def read_body(content: Content) -> bytes | None:
    """All bytes of a content; None if they are no longer those that were indexed. Raises OSError."""
    body = content.body
    if isinstance(body, PackBody):
        return body.read_checked(content.digest)
    return read_file(body, content.digest) if isinstance(body, FileBody) else body


def read_file(body: FileBody, digest: bytes | None) -> bytes | None:
    """The same of a body that is a file's."""
    data = read_in_state(body.path, body.stat_key)
    if data is not None and body.edits:
        data = apply_edits(data, body.edits)
    return data if data is not None and hashlib.sha256(data).digest() == digest else None


def read_identity(resource: Resource) -> bytes | None:
    """What is sent without any coding; None if that cannot be had, or there is no such thing."""
    original = resource.contents.get(IDENTITY)
    if original is None:
        return None
    try:
        data = read_body(original)
    except OSError:
        data = None
    return data if data is not None else decode(resource)


def decode(resource: Resource) -> bytes | None:
    """What is sent without any coding, from a coded body that is not a file."""
    original = resource.contents[IDENTITY]
    for coding in resource.codings[:-1]:
        content = resource.contents[coding]
        data = None if isinstance(content.body, FileBody) else read_body(content)
        decoded = None if data is None else BY_NAME[coding].decode(data, original.length)
        if decoded is not None and hashlib.sha256(decoded).digest() == original.digest:
            return decoded
    return None
