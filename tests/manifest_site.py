"""A root with what a bundler built in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.assets.manifest_files import manifest_path, read_json
from tests.conftest import Client, plant, serve
from whitemedia.assets.manifests import parse_manifest


def built(folder: Path, name: str, **options: Any) -> Client:
    """A site with all files that a real manifest names."""
    files = {
        file.removeprefix("/static/").removeprefix("dist/") for file in parse_manifest(read_json(name)).files()
    }
    root = plant(folder / "root", {file: file.encode() * 9 for file in files})
    return serve(root, manifest=manifest_path(name), **options)


def with_manifest(folder: Path, value: object, files: Mapping[str, bytes], **options: Any) -> Client:
    plant(folder, {"manifest.json": json.dumps(value).encode()})
    return serve(plant(folder / "root", files), manifest=folder / "manifest.json", **options)


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def urls(html: str) -> list[str]:
    """What each element leads to."""
    found = (attributes.get("href") or attributes.get("src") for _, attributes in Tags(html).found)
    return [url for url in found if url is not None]
