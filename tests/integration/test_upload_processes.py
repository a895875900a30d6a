"""Processes that save the same names in the same root at once: all files are whole, none is lost, the quota is exact."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import whitemedia
from whitemedia.assets.scan import OWN_NAMES
from whitemedia.media.drafts import DRAFT
from whitemedia.media.quota import COUNT

PROCESSES: Final = int(os.environ.get("UPLOAD_PROCESSES", "6"))
SAVES: Final = int(os.environ.get("UPLOAD_SAVES", "20"))
"""More of both are tried by hand: 50 and 200."""

NAMES: Final = ("report.txt", "报告.txt", "🎉.txt")
LONGEST: Final = 60_000
MUCH: Final = 1 << 40

SAVER: Final = """
import hashlib, io, json, random, sys
from whitemedia.media.upload_errors import QuotaExceeded
from whitemedia.media.uploads import MediaStore

root, number, saves, names, longest, options = json.loads(sys.argv[1])
chance = random.Random(0 if options.get("name") == "content" else number)
store = MediaStore(root, **options)
stored, refused, deleted = [], [], 0

def made():
    body = chance.randbytes(chance.randint(1, longest) // 2).hex().encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\\n" + body

print("ready", flush=True)
sys.stdin.readline()
for _ in range(saves):
    data = made()
    try:
        stored.append(store.save(io.BytesIO(data), filename=chance.choice(names)))
    except QuotaExceeded as error:
        refused.append([len(data), error.found])
    if DELETES and len(stored) > 3:
        assert store.delete(stored.pop(chance.randrange(len(stored))).name)
print(json.dumps({"stored": [[file.name, file.size, file.sha256] for file in stored], "refused": refused}))
"""


class Told(NamedTuple):
    """What savers told: name, size and SHA-256 of each file, size of each that was refused and what there would be."""

    stored: list[tuple[str, int, str]]
    refused: list[tuple[int, int]]


def save_at_once(root: Path, *, deletes: bool = False, **options: Any) -> Told:
    """Let all savers begin together, and wait for them."""
    script = SAVER.replace("DELETES", str(deletes))
    savers = [_start(script, [str(root), number, SAVES, NAMES, LONGEST, options]) for number in range(PROCESSES)]
    for saver in savers:
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
    for saver in savers:
        assert saver.stdin is not None
        saver.stdin.write("go\n")
        saver.stdin.flush()
    told = [json.loads(saver.communicate()[0]) for saver in savers]
    assert [saver.returncode for saver in savers] == [0] * PROCESSES
    return Told(
        [(name, size, digest) for one in told for name, size, digest in one["stored"]],
        [(size, there) for one in told for size, there in one["refused"]],
    )


def files(root: Path) -> dict[str, bytes]:
    """What is in a root, each file whole by what itself says; nothing is there that is not finished."""
    found = {path.name: path.read_bytes() for path in root.iterdir() if not path.name.startswith(OWN_NAMES)}
    assert [name for name, data in found.items() if not is_whole(data)] == []
    assert [path.name for path in root.iterdir() if path.name.startswith(DRAFT)] == []
    return found


def is_whole(data: bytes) -> bool:
    digest, _, body = data.partition(b"\n")
    return hashlib.sha256(body).hexdigest().encode() == digest


def counted(root: Path) -> int:
    """What the quota counts, settled."""
    return int((root / COUNT).read_bytes())


def test_every_file_is_whole_and_none_is_overwritten(tmp_path: Path) -> None:
    stored, refused = save_at_once(tmp_path)
    assert len(stored) == PROCESSES * SAVES
    found = files(tmp_path)
    told = {name: (size, digest) for name, size, digest in stored}
    assert len(told) == len(stored)
    assert {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in found.items()} == told
    assert set(NAMES) <= found.keys()
    assert refused == []


def test_the_quota_is_used_up_to_the_last_byte_that_fits(tmp_path: Path) -> None:
    """Nothing is deleted: what was refused once could not be kept in the end either."""
    quota = PROCESSES * SAVES * LONGEST // 4
    stored, refused = save_at_once(tmp_path, quota=quota)
    found = files(tmp_path)
    total = sum(map(len, found.values()))
    assert {name: len(data) for name, data in found.items()} == {name: size for name, size, _ in stored}
    assert sum(size for _, size, _ in stored) == counted(tmp_path) == total <= quota
    assert refused
    assert [size for size, _ in refused if total + size <= quota] == []
    assert [there for size, there in refused if not quota < there <= total + size] == []
    assert len(stored) + len(refused) == PROCESSES * SAVES


def test_what_is_deleted_meanwhile_is_given_back_exactly(tmp_path: Path) -> None:
    stored, refused = save_at_once(tmp_path, deletes=True, quota=MUCH)
    found = files(tmp_path)
    assert {name: len(data) for name, data in found.items()} == {name: size for name, size, _ in stored}
    assert counted(tmp_path) == sum(map(len, found.values()))
    assert refused == []


def test_equal_contents_are_kept_and_counted_once(tmp_path: Path) -> None:
    stored, refused = save_at_once(tmp_path, name="content", quota=MUCH)
    found = files(tmp_path)
    assert found.keys() == {name for name, _, _ in stored} == {f"{digest[:32]}.txt" for _, _, digest in stored}
    assert len(found) == SAVES
    assert counted(tmp_path) == sum(map(len, found.values()))
    assert refused == []


def _start(script: str, arguments: list[Any]) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(whitemedia.__file__).parents[1])}
    command = [sys.executable, "-W", "error", "-c", script, json.dumps(arguments)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
