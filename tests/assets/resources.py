"""Data to be indexed, and what became of it."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import TYPE_CHECKING

import brotli

from whitemedia.assets.codings import CODINGS
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.packs import PackBody
from whitemedia.assets.representation import Body, FileBody
from whitemedia.assets.resource import Resource

if TYPE_CHECKING:
    from tests.assets.conftest import Folder


def make_text(length: int, seed: int = 0) -> bytes:
    """Text that every coding makes shorter, a little different for each seed."""
    return (b"%d: one line of a text, and another one\n" % seed * (length // 30 + 1))[:length]


def make_noise(length: int, seed: int = 0) -> bytes:
    """Bytes that no coding makes shorter."""
    return random.Random(seed).randbytes(length)


TEXT = make_text(5_000)

DECODE = {coding.name: coding.decode for coding in CODINGS}


def by_name(indexed: Indexed) -> dict[str, Resource]:
    return {resource.source.url_path: resource for resource in indexed.resources}


def only(indexed: Indexed) -> Resource:
    [resource] = indexed.resources
    return resource


def in_memory(resource: Resource) -> dict[str, bytes]:
    return {
        coding: content.body for coding, content in resource.contents.items() if isinstance(content.body, bytes)
    }


def coded_bodies(resource: Resource) -> dict[str, bytes]:
    """The bodies that are not the file's own, wherever they are."""
    return {coding: _read(resource.contents[coding].body) for coding in resource.codings if coding != "identity"}


def names_held(indexed: Indexed) -> list[str]:
    return [resource.source.url_path for resource in indexed.resources if resource.held]


def fields_of(resource: Resource) -> dict[str, str]:
    return dict(resource.headers)


def _read(body: Body) -> bytes:
    if isinstance(body, FileBody):
        return Path(body.path).read_bytes()
    return body.read() if isinstance(body, PackBody) else body


def plant_siblings(folder: Folder, name: str = "app.css", data: bytes = TEXT) -> dict[str, bytes]:
    coded = {"br": brotli.compress(data), "gzip": gzip.compress(data, 1, mtime=0)}
    folder.file(name, data)
    folder.file(f"{name}.br", coded["br"])
    folder.file(f"{name}.gz", coded["gzip"])
    return coded
