"""What is asked of the servers: requests, and the tree that answers them."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import brotli

from whitemedia.assets.validators import SETTLED_NS

KiB: Final = 1024
MiB: Final = 1024 * KiB


class Operation(NamedTuple):
    """A request that is repeated: of a body of `length` bytes as sent, `coded` or as it is, revalidated, or in part."""

    name: str
    length: int
    coded: bool = False
    revalidates: bool = False
    part: tuple[int, int] | None = None

    @property
    def file(self) -> str:
        """The name of its file in the tree: one an operation, so that a path alone tells what to answer."""
        return f"{self.name.replace(' ', '-')}.{'css' if self.coded else 'bin'}"

    @property
    def path(self) -> str:
        """Its URL path."""
        return f"/static/{self.file}"

    def fields(self, etag: str | None = None) -> Mapping[str, str]:
        """The header fields that are sent; `etag` is that of the application that is asked."""
        fields = {"Accept-Encoding": "gzip, deflate, br, zstd"}
        if self.part is not None:
            fields["Range"] = "bytes={}-{}".format(*self.part)
        if self.revalidates and etag is not None:
            fields["If-None-Match"] = etag
        return fields

    @property
    def sends_file(self) -> bool:
        """Whether a server could send its file as it is, and so long a one that this may be worth it."""
        return self.length >= MiB and self.part is None


OPERATIONS: Final = (
    Operation("1 KB", KiB),
    Operation("1 KB br", KiB, coded=True),
    Operation("10 KB", 10 * KiB),
    Operation("10 KB br", 10 * KiB, coded=True),
    Operation("100 KB", 100 * KiB),
    Operation("100 KB br", 100 * KiB, coded=True),
    Operation("256 KB", 256 * KiB),
    Operation("256 KB br", 256 * KiB, coded=True),
    Operation("1 MB", MiB),
    Operation("10 MB", 10 * MiB),
    Operation("304", 10 * KiB, coded=True, revalidates=True),
    Operation("range", MiB, part=(100_000, 165_535)),
)


def build_tree(root: Path, operations: tuple[Operation, ...]) -> None:
    """A file an operation; beside those that are coded, the siblings that whitenoise needs. Returns when they are settled."""
    root.mkdir()
    for one in operations:
        data = _text(one.length) if one.coded else os.urandom(one.length)
        (root / one.file).write_bytes(data)
        if one.coded:
            (root / f"{one.file}.br").write_bytes(brotli.compress(data, quality=5))
    time.sleep(SETTLED_NS / 1e9)  # what was just written is not kept in memory yet


def _text(length: int) -> bytes:
    """Text of which about `length` bytes are left when it is coded."""
    return base64.b16encode(os.urandom(length))
