"""Writing files under the names that say their versions, for servers that have no whitemedia in front of them.

The names are told before the files are written and the plain ones' after: so whatever ends a build in between, every
name that is told is of a whole file, and every file that was written is known as ours.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from whitemedia.assets.bodies import read_body
from whitemedia.assets.codings import SUFFIXES
from whitemedia.assets.compression import Budget
from whitemedia.assets.graph import Unresolved
from whitemedia.assets.indexing import index_root
from whitemedia.assets.named_files import NamedFile, NamedFiles, read_named_files, write_named_files
from whitemedia.assets.records import TEMPORARY, Records
from whitemedia.assets.resource import Resource
from whitemedia.assets.rewriting import rewrite
from whitemedia.assets.roots import Root
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.writing import write_file
from whitemedia.build.examining import Failure
from whitemedia.build.folder import BuildError
from whitemedia.build.survey import digest_of
from whitemedia.http.versions import with_version
from whitemedia.options import Options


class Naming(NamedTuple):
    """What was named: versioned paths by plain ones, those that were written now (or are to be), and those removed."""

    names: dict[str, str]
    written: tuple[str, ...]
    removed: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()


NOTHING: Final = Naming({}, ())


class NamePlan(NamedTuple):
    """How to name: `prefix` is where the root will be served, `keep_days` how long what was replaced stays."""

    root: Root
    prefix: str
    options: Options
    keep_days: int


class _File(NamedTuple):
    """A file to be written."""

    resource: Resource
    name: str
    path: Path
    digest: bytes


def name_files(plan: NamePlan, records: Records) -> Naming:
    """Write all that is lacking, and remove what was replaced long ago. Raises BuildError."""
    root = plan.root.path
    files, unresolved = _files(plan)
    known, today = read_named_files(root), dt.datetime.now(tz=dt.timezone.utc).date()
    named = {**known.files, **{file.name: NamedFile(file.digest) for file in files}}
    try:
        told = _tell(root, known, NamedFiles(known.names, named))
        written, failures = _write(files, known.files)
        failed = {failure.path for failure in failures}
        names = {file.resource.source.url_path: file.name for file in files if str(file.path) not in failed}
        current = set(names.values())
        kept = {name: file if name in current else _replaced(file, today) for name, file in named.items()}
        oldest = today - dt.timedelta(days=plan.keep_days)
        old = {name: file for name, file in kept.items() if file.replaced is not None and file.replaced <= oldest}
        removed = [name for name, file in old.items() if _remove(Path(root, name), file.digest, records)]
        _tell(root, told, NamedFiles(names, {name: kept[name] for name in kept if name not in old}))
    except OSError as error:
        raise BuildError(f"cannot write {str(error.filename or root)!r}: {error.strerror}") from None
    return Naming(names, tuple(written), tuple(removed), tuple(failures), unresolved)


def check_names(plan: NamePlan) -> Naming:
    """What is to be written."""
    files, unresolved = _files(plan)
    lacking = tuple(file.name for file in files if not _is_there(file))
    return Naming({file.resource.source.url_path: file.name for file in files}, lacking, unresolved=unresolved)


def _files(plan: NamePlan) -> tuple[list[_File], tuple[Unresolved, ...]]:
    store, budget = MemoryStore(), Budget(0)
    indexed = index_root(plan.root, plan.prefix, plan.options, store, budget)
    served = rewrite([indexed], store, budget, 0, lambda _, path: path.startswith(plan.prefix))
    return list(_versioned(served.roots[0].resources)), served.unresolved


def _versioned(resources: Iterable[Resource]) -> Iterator[_File]:
    for resource in resources:
        digest = resource.contents[resource.codings[-1]].digest
        if resource.version is not None and digest is not None:
            source = resource.source
            name = with_version(source.url_path, resource.version)
            yield _File(resource, name, Path(source.path).with_name(name.rpartition("/")[2]), digest)


def _write(files: Iterable[_File], known: Container[str]) -> tuple[list[str], list[Failure]]:
    """Raises OSError."""
    written, failures = [], []
    for file in files:
        if _is_there(file):
            continue
        data, source = _read(file.resource), file.resource.source
        if file.name not in known and file.path.exists():
            failures.append(Failure(str(file.path), "is another file, which is left as it is"))
        elif data is None:
            failures.append(Failure(str(file.path), f"{source.path!r} changed while it was read"))
        else:
            modified = file.resource.last_modified
            mtime_ns = source.stat_key.mtime_ns if modified is None else modified * 1_000_000_000
            write_file(file.path, data, TEMPORARY, readable_as=os.stat(source.path), mtime_ns=mtime_ns)
            written.append(file.name)
    return written, failures


def _read(resource: Resource) -> bytes | None:
    try:
        return read_body(resource.contents[resource.codings[-1]])
    except OSError:
        return None


def _is_there(file: _File) -> bool:
    return digest_of(file.path) == file.digest


def _tell(root: str, known: NamedFiles, named: NamedFiles) -> NamedFiles:
    """Raises OSError."""
    if named != known:
        write_named_files(root, named)
    return named


def _replaced(file: NamedFile, today: dt.date) -> NamedFile:
    return file if file.replaced is not None else file._replace(replaced=today)


def _remove(path: Path, digest: bytes, records: Records) -> bool:
    """Remove a file that is still as it was written, with the siblings that a build wrote."""
    if digest_of(path) != digest:
        return False
    ours = {record.digest for record in records.values() if record.is_ours}
    for sibling in (path.with_name(path.name + suffix) for suffix in SUFFIXES):
        if digest_of(sibling) in ours:
            sibling.unlink()
    path.unlink()
    return True
