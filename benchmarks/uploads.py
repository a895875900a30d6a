"""What it costs to save an upload: `MediaStore.save` beside Werkzeug's `FileStorage.save`, and the memory that it takes.

python benchmarks/uploads.py [--megabytes 5] [--rounds 41] [--large 2048] [--folder FOLDER]

Each saves the same bytes under a new name, one after the other, in interleaved rounds; who goes first alternates. Only
`MediaStore.save` looks at what it is given, takes its SHA-256, and has it and its name on disk when it returns; so
`FileStorage.save` is also asked with an `os.fsync` of file and directory. FOLDER is on the disk that is measured.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from werkzeug.datastructures import FileStorage

from whitemedia.media.uploads import MediaStore

MB = 1 << 20
Saving = Callable[[FileStorage, Path], object]


def save_plainly(upload: FileStorage, folder: Path) -> None:
    """As most applications do."""
    upload.save(folder / str(time.monotonic_ns()))


def save_to_disk(upload: FileStorage, folder: Path) -> None:
    """The same, on disk when it returns."""
    with (folder / str(time.monotonic_ns())).open("xb") as file:
        upload.save(file)
        file.flush()
        os.fsync(file.fileno())
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def build_ways(folder: Path) -> dict[str, Saving]:
    """What is compared, by name."""
    stores = {name: MediaStore(folder / name, accept=".bin", quota=quota) for name, quota in QUOTAS.items()}
    ours: dict[str, Saving] = {
        name: lambda upload, _, store=store: store.save(upload, filename="upload.bin")  # type: ignore[misc]
        for name, store in stores.items()
    }
    return {"FileStorage.save": save_plainly, "FileStorage.save, fsync": save_to_disk, **ours}


QUOTAS = {"MediaStore.save": None, "MediaStore.save, quota": 1 << 50}


def compare(folder: Path, length: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, by round; what was saved is deleted in between."""
    data = random.Random(1).randbytes(length)
    ways = build_ways(folder)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in list(ways) if number % 2 else list(reversed(ways)):
            upload = FileStorage(io.BytesIO(data), "upload.bin")
            started = time.perf_counter()
            ways[name](upload, folder)
            seconds[name].append(time.perf_counter() - started)
        for path in [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size == length]:
            path.unlink()
        os.sync()  # nobody pays for what another left unwritten
    return seconds


class Endless(io.RawIOBase):
    """An upload of many bytes that are not in memory; notes what the process takes while it is read."""

    def __init__(self, length: int) -> None:
        self._block = random.Random(2).randbytes(MB)
        self._left = length
        self.resident: list[int] = []

    def read(self, size: int = -1) -> bytes:
        """The next ones."""
        data = self._block[: min(size, self._left)]
        self._left -= len(data)
        self.resident.append(resident())
        return data


def resident() -> int:
    """Bytes of this process in memory. Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure_memory(folder: Path, length: int) -> tuple[int, int]:
    """Bytes more than before, at most, while one large upload is saved; and bytes saved."""
    store = MediaStore(folder, accept=".bin", max_size=length)
    upload = Endless(length)
    store.save(Endless(MB), filename="first.bin")  # libmagic is loaded
    before = resident()
    stored = store.save(upload, filename="large.bin")
    return max(upload.resident) - before, stored.size


def main() -> None:
    """Print a row for each way of saving, and what a large one takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--large", type=int, default=2048, help="megabytes")
    parser.add_argument("--folder", help="where to save; a temporary folder by default")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        seconds = compare(Path(name), arguments.megabytes * MB, arguments.rounds)
        print(f"{'':28}{'ms':>8}{'MB/s':>8}{'ratio':>8}{'to fsync':>10}{'spread':>14}")
        plain, synced = seconds["FileStorage.save"], seconds["FileStorage.save, fsync"]
        for way, values in seconds.items():
            ratios = sorted(value / other for value, other in zip(values, synced, strict=True))
            ratio = statistics.median(value / other for value, other in zip(values, plain, strict=True))
            spread = f"{ratios[len(ratios) // 10]:.2f}–{ratios[-1 - len(ratios) // 10]:.2f}"
            median = statistics.median(values)
            print(
                f"{way:28}{median * 1e3:8.1f}{arguments.megabytes / median:8.0f}{ratio:8.2f}"
                f"{statistics.median(ratios):10.2f}{spread:>14}"
            )
        more, size = measure_memory(Path(name, "large"), arguments.large * MB)
        print(f"saving {size / MB:,.0f} MB takes {more / MB:.1f} MB of memory at most")


if __name__ == "__main__":
    main()
