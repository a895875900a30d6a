"""What a build wrote under versioned names: which files, of what content, and until when they were the current ones.

It is JSON, in the hidden folder of a root, for whoever makes URLs without whitemedia; and it goes wherever the tree goes.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from whitemedia.assets.records import FOLDER, TEMPORARY
from whitemedia.assets.writing import write_file

NAMES: Final = "names.json"
_ALGORITHM: Final = "sha256-"


class NamedFile(NamedTuple):
    """A file under a versioned name: its SHA-256, and the day on which another took its place."""

    digest: bytes
    replaced: dt.date | None = None


class NamedFiles(NamedTuple):
    """The versioned names by plain ones, and all files that were written; paths are below the root."""

    names: Mapping[str, str] = MappingProxyType({})
    files: Mapping[str, NamedFile] = MappingProxyType({})


def read_named_files(root: str) -> NamedFiles:
    """Those of a root; none where they are missing or damaged."""
    try:
        value = json.loads(Path(root, FOLDER, NAMES).read_bytes())
        files = {name: _parse(fields) for name, fields in value["files"].items() if is_below(name)}
        names = {str(name): str(versioned) for name, versioned in value["names"].items()}
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return NamedFiles()
    return NamedFiles(names, files)


def is_below(name: str) -> bool:
    """Whether it is the path of a file below a root."""
    return not any(segment in ("", ".", "..") for segment in name.split("/")) and "\0" not in name


def write_named_files(root: str, named: NamedFiles) -> None:
    """Write them whole. Raises OSError, and leaves then what was there."""
    files = {name: _format(file) for name, file in sorted(named.files.items())}
    text = json.dumps({"names": dict(sorted(named.names.items())), "files": files}, indent=1)
    write_file(Path(root, FOLDER, NAMES), text.encode("ascii"), TEMPORARY, lasting=True, readable_as=os.stat(root))


def _format(file: NamedFile) -> dict[str, str]:
    told = {"integrity": _ALGORITHM + base64.b64encode(file.digest).decode("ascii")}
    return told if file.replaced is None else {**told, "replaced": file.replaced.isoformat()}


def _parse(fields: Any) -> NamedFile:
    digest = base64.b64decode(fields["integrity"].removeprefix(_ALGORITHM), validate=True)
    replaced = fields.get("replaced")
    return NamedFile(digest, None if replaced is None else dt.date.fromisoformat(replaced))
