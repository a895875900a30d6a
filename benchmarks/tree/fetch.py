"""Fetch the tree that the benchmarks serve: npm packages, each pinned to one tarball.

The one rule: what stands at DEST/<package> is the whole of what packages.txt pins.
A package is verified, then extracted beside its place, then renamed into it, so that
a run that was stopped leaves whole packages only; and nothing is ever overwritten.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Literal

PACKAGES = Path(__file__).with_name("packages.txt")
NPM_OPTIONS = ("--pack-destination=.", "--ignore-scripts", "--json")
PIN = re.compile(
    r"((?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*)\s+([0-9][0-9A-Za-z.+-]*)\s+"
    r"([0-9]+)\s+([0-9]+)\s+(sha512-[A-Za-z0-9+/]{86}==)"
)

State = Literal["present", "missing", "differs"]


class FetchError(Exception):
    """Says which package (or folder) stopped the run, and why."""


@dataclass(frozen=True)
class Package:
    """One line of packages.txt."""

    name: str
    version: str
    files: int
    size: int
    integrity: str

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def tarball(self) -> str:
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


def parse_packages(text: str) -> list[Package]:
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [parse_pin(line) for line in lines if line]


def parse_pin(line: str) -> Package:
    pin = PIN.fullmatch(line)
    if pin is None:
        shape = "NAME VERSION FILES BYTES sha512-…"
        raise FetchError(f"{PACKAGES.name}: expected {shape}, found {line!r}")
    name, version, files, size, integrity = pin.groups()
    return Package(name, version, int(files), int(size), integrity)


def measure(folder: Path) -> tuple[int, int]:
    """Count the files beneath `folder`, and their bytes."""
    paths = (Path(top, name) for top, _, names in os.walk(folder) for name in names)
    sizes = [path.lstat().st_size for path in paths]
    return len(sizes), sum(sizes)


def read_version(folder: Path) -> str | None:
    try:
        manifest = json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError):
        return None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    return version if isinstance(version, str) else None


def compare(package: Package, folder: Path) -> State:
    if not os.path.lexists(folder):
        return "missing"
    same_size = measure(folder) == (package.files, package.size)
    same = same_size and read_version(folder) == package.version
    return "present" if same else "differs"


def refuse_strangers(dest: Path, packages: Iterable[Package]) -> None:
    """Stop before a folder that holds anything else: it is not ours to fill."""
    found = {entry.name for entry in dest.iterdir() if entry.name[0] != "@"}
    for scope in dest.glob("@*"):
        found |= {f"{scope.name}/{entry.name}" for entry in scope.iterdir()}
    strangers = sorted(found - {package.name for package in packages})
    if strangers:
        names = ", ".join(strangers[:3]) + (", …" if strangers[3:] else "")
        raise FetchError(
            f"{dest} holds what {PACKAGES.name} does not name ({names}): remove it, or choose an empty folder"
        )


def refuse_difference(package: Package, folder: Path, advice: str) -> None:
    """Stop before a package of another version, or one that was changed."""
    files, size = measure(folder)
    raise FetchError(
        f"{package.spec}: expected {package.files:,} files, {package.size:,} bytes, "
        f"found {read_version(folder)}: {files:,} files, {size:,} bytes; {advice}"
    )


def format_integrity(data: bytes) -> str:
    """Write the digest as npm does (Subresource Integrity, one sha512)."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode("ascii")


def verify(package: Package, tarball: Path) -> None:
    found = format_integrity(tarball.read_bytes())
    if found != package.integrity:
        both = f"\n  expected {package.integrity}\n  found    {found}"
        raise FetchError(f"{package.spec}: integrity mismatch{both}")


def find_cached(package: Package, cache: Path) -> Path | None:
    tarball = cache / package.tarball
    try:
        data = tarball.read_bytes()
    except FileNotFoundError:
        return None
    return tarball if format_integrity(data) == package.integrity else None


def download(package: Package, cache: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix="npm-", dir=cache) as folder:
        run_npm(package, folder)
        # Not by npm's report: some versions misname a scoped package's file in it.
        tarballs = list(Path(folder).glob("*.tgz"))
        if len(tarballs) != 1:
            raise FetchError(f"{package.spec}: npm pack left {len(tarballs)} tarballs")
        verify(package, tarballs[0])
        return tarballs[0].replace(cache / package.tarball)


def run_npm(package: Package, folder: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm was not found on PATH: install Node.js, which brings it")
    done = subprocess.run(
        [npm, "pack", package.spec, *NPM_OPTIONS],
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        reason = explain_npm(done.stdout, done.stderr)
        raise FetchError(f"{package.spec}: npm pack failed: {reason}")


def explain_npm(stdout: str, stderr: str) -> str:
    """Put npm's error report (JSON, or else its last words) on one line."""
    try:
        error = json.loads(stdout)["error"]
        code, summary = str(error["code"]), str(error["summary"])
    except (ValueError, LookupError, TypeError):
        return (stderr.strip().splitlines() or ["it gave no reason"])[-1]
    gone = " (this version is gone)" if code in ("ETARGET", "E404") else ""
    return f"{code} {' '.join(summary.split())}{gone}"


def is_plain(segment: str) -> bool:
    """Whether a path segment names an entry of its folder, on any system."""
    return segment not in ("", ".", "..") and PureWindowsPath(segment).name == segment


def select_members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the files, named without the top folder; refuse what is not a file."""
    for member in archive:
        if member.isdir():
            continue
        segments = member.name.split("/")
        if not (member.isfile() and len(segments) > 1 and all(map(is_plain, segments))):
            raise tarfile.TarError(f"unsafe tarball member {member.name!r}")
        member.name = "/".join(segments[1:])
        # Nothing of the packer's modes and owners (a root's extraction would chown).
        member.mode, member.uid, member.gid = 0o644, 0, 0
        member.uname = member.gname = ""
        yield member


def unpack(tarball: Path, folder: Path) -> None:
    folder.mkdir()
    with tarfile.open(tarball, "r:gz") as archive:
        # Python 3.11.3 and older may lack it; there select_members is the check.
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder, select_members(archive))


def install(package: Package, tarball: Path, dest: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=dest) as folder:
        whole = Path(folder, "package")
        unpack(tarball, whole)
        if compare(package, whole) == "differs":
            refuse_difference(package, whole, f"correct its line in {PACKAGES.name}")
        (dest / package.name).parent.mkdir(exist_ok=True)
        whole.rename(dest / package.name)


def fetch(package: Package, dest: Path, cache: Path) -> str:
    """Put one package into the tree, and say where it came from."""
    try:
        tarball = find_cached(package, cache)
        install(package, tarball or download(package, cache), dest)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise FetchError(f"{package.spec}: {error}") from error
    return "downloaded" if tarball is None else "from the cache"


def print_package(package: Package, note: str) -> None:
    counts = f"{package.files:>6,} files {package.size:>12,} bytes"
    print(f"{package.spec:<40}{counts}  {note}", flush=True)


def print_total(packages: Sequence[Package]) -> None:
    files = sum(package.files for package in packages)
    size = sum(package.size for package in packages)
    print(f"total: {len(packages)} packages, {files:,} files, {size:,} bytes")


def print_list(packages: Sequence[Package], dest: Path) -> None:
    for package in packages:
        print_package(package, compare(package, dest / package.name))
    print_total(packages)


def fetch_all(packages: Sequence[Package], dest: Path, cache: Path) -> None:
    dest.mkdir(parents=True, exist_ok=True)
    refuse_strangers(dest, packages)
    states = {package: compare(package, dest / package.name) for package in packages}
    for package, state in states.items():
        if state == "differs":
            folder = dest / package.name
            refuse_difference(package, folder, f"remove {folder} and run again")
    if "missing" in states.values():
        cache.mkdir(parents=True, exist_ok=True)
    else:
        print(f"nothing to do: {dest} is complete")
    for package, state in states.items():
        present = state == "present"
        print_package(package, state if present else fetch(package, dest, cache))
    print_total(packages)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = caches / "whitemedia-benchmarks"
    parser = argparse.ArgumentParser(description="Fetch the tree the benchmarks serve.")
    parser.add_argument("dest", metavar="DEST", type=Path, help="the tree's folder")
    listing = "print the packages and which of them DEST has; fetch nothing"
    parser.add_argument("--list", action="store_true", help=listing)
    keeping = "the folder that keeps the tarballs (default: %(default)s)"
    parser.add_argument("--cache", type=Path, default=cache, help=keeping)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        packages = parse_packages(PACKAGES.read_text(encoding="utf-8"))
        if options.list:
            print_list(packages, options.dest)
        else:
            fetch_all(packages, options.dest, options.cache)
    except (FetchError, OSError) as error:
        print(f"fetch.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fetch.py: stopped; run it again to go on", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
