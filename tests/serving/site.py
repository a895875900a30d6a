"""A root with one file whose body is not in memory, and what changes it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.answers import Answer
from tests.conftest import MODIFIED, PREFIX, SECRET, Client, plant, serve

if TYPE_CHECKING:
    from whitemedia.options import OptionFields

OLD = b"the version that was indexed " * 4
URL = f"{PREFIX}folder/file.bin"
LARGE = 1 << 20  # one byte more is not held in memory


class Kind(NamedTuple):
    """A file whose body is not in memory, and the options that make it so."""

    data: bytes
    options: OptionFields


KINDS = {
    "nothing is held": Kind(OLD, {"memory_limit": 0}),
    "too large to be held": Kind(OLD * (LARGE // len(OLD) + 1), {}),
    "held, but not yet read": Kind(OLD, {}),
}


class Site(NamedTuple):
    """A root with one file, and a client."""

    path: Path
    outside: Path
    client: Client
    old: bytes

    def get(self, **fields: str) -> Answer:
        return self.client.get(URL, {name.replace("_", "-"): value for name, value in fields.items()})


def build_site(directory: Path, kind: Kind, options: OptionFields) -> Site:
    root = plant(
        directory / "root", {"folder/file.bin": kind.data, "folder/other.bin": b"another file of the root"}
    )
    outside = plant(directory / "outside", {"file.bin": SECRET})
    merged: OptionFields = {**kind.options, **options}
    return Site(root / "folder" / "file.bin", outside, serve(root, **merged), kind.data)


def restore_time(path: Path) -> None:
    os.utime(path, (MODIFIED, MODIFIED))


def rewrite_with_the_old_time(site: Site) -> None:
    with site.path.open("r+b") as file:
        file.write(b"THE")
    restore_time(site.path)


def fail_with(code: str) -> Callable[..., int]:
    def fail(*args: object, **kwargs: object) -> int:
        raise OSError(getattr(errno, code), code)

    return fail
