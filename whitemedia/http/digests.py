"""A SHA-256 as fields and attributes tell it."""

from __future__ import annotations

import base64


def format_integrity(digest: bytes) -> str:
    """The value of the attribute `integrity` (Subresource Integrity, section 3.5)."""
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def format_repr_digest(digest: bytes) -> str:
    """The value of the field Repr-Digest (RFC 9530, section 3)."""
    return f"sha-256=:{base64.b64encode(digest).decode('ascii')}:"
