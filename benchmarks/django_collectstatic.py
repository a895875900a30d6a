"""What `collectstatic` costs with whitemedia's storages and with whitenoise's, over copies of one tree, in turn.

python benchmarks/django_collectstatic.py TREE [--storage CompressedStaticFilesStorage] [--again 3] [--codings br,gzip]

Each run is a process of its own. Seconds are by the clock, and of processors ("cpu"), which a busy machine does not change;
the compression part is those within whitemedia's or whitenoise's compression. What Django's manifest cannot take of a real tree (references
to files that are not there, styles that are not UTF-8) is left out of the copy that all of them collect.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

STORAGES = ("CompressedStaticFilesStorage", "CompressedManifestStaticFilesStorage")
PEERS = ("whitenoise", "whitemedia")
MODULES = {"whitenoise": "whitenoise.storage", "whitemedia": "whitemedia.django.storage"}
METHODS = {
    ("whitenoise", STORAGES[0]): "post_process",  # which is nothing else there
    ("whitenoise", STORAGES[1]): "compress_files",
    ("whitemedia", STORAGES[0]): "compress",
    ("whitemedia", STORAGES[1]): "compress",
}


def collect(peer: str, storage: str, source: str, root: str, codings: str) -> None:
    """One `collectstatic`, in this process; prints its seconds and those of its compression."""
    import django  # noqa: PLC0415 - of a process that measures it
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils.module_loading import import_string  # noqa: PLC0415

    backend = f"{MODULES[peer]}.{storage}"
    options = {"codings": codings.split(",")} if peer == "whitemedia" and codings else {}
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles"],
        STATICFILES_DIRS=[source],
        STATIC_ROOT=root,
        STATIC_URL="/static/",
        STORAGES={"staticfiles": {"BACKEND": backend, "OPTIONS": options}},
    )
    django.setup()
    spent = {"compression": 0.0, "compression cpu": 0.0}
    chosen, method = import_string(backend), METHODS[peer, storage]
    original = getattr(chosen, method)

    def timed(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        started, cpu = time.perf_counter(), time.process_time()
        items = list(original(self, *args, **kwargs))
        spent["compression"] += time.perf_counter() - started
        spent["compression cpu"] += time.process_time() - cpu
        yield from items

    setattr(chosen, method, timed)
    started = time.perf_counter()
    call_command("collectstatic", interactive=False, verbosity=0)
    whole = {"whole": time.perf_counter() - started, "whole cpu": time.process_time()}
    print(json.dumps({**whole, **spent}))


def run(peer: str, storage: str, source: Path, root: Path, codings: str) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, str(source), "--collect", peer, str(root), "--storage", storage]
    command += ["--codings", codings]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def takes(source: Path) -> Iterator[str]:
    """Names that Django's manifest cannot take, each with those before it left out."""
    code = """
import sys, django
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.staticfiles"], STATICFILES_DIRS=[sys.argv[1]], STATIC_ROOT=sys.argv[2],
                   STATIC_URL="/static/")
django.setup()
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
storage = ManifestStaticFilesStorage()
names = {name: (kept, name) for finder in get_finders() for name, kept in finder.list(None)}
wrong = set()
for name, (kept, _) in names.items():
    if not name.endswith((".css", ".js")):
        continue
    try:
        text = kept.open(name).read().decode()
    except UnicodeDecodeError:
        wrong.add(name)
        continue
    for pattern, rules in storage._patterns.items():
        if not name.endswith(pattern[1:]):
            continue
        for rule, template in rules:
            try:
                rule.sub(storage.url_converter(name, {known: known for known in names}, template), text)
            except Exception:
                wrong.add(name)
print("\\n".join(sorted(wrong)))
"""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, str(source), folder]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        yield from filter(None, told.splitlines())


def main() -> None:
    """Print seconds of both, first and again, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--storage", choices=STORAGES, default=STORAGES[0])
    parser.add_argument("--again", type=int, default=3, help="second runs, of which the median is told")
    parser.add_argument("--codings", default="br,gzip", help="of whitemedia; whitenoise writes br and gzip")
    parser.add_argument("--collect", nargs=2, metavar=("PEER", "ROOT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.collect:
        peer, root = arguments.collect
        collect(peer, arguments.storage, str(arguments.tree), root, arguments.codings)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        shutil.copytree(arguments.tree, source)
        left_out = list(takes(source)) if arguments.storage == STORAGES[1] else []
        for name in left_out:
            (source / name).unlink()
        print(
            f"{sum(path.is_file() for path in source.rglob('*')):,} files; left out: {len(left_out):,}", flush=True
        )
        roots = {peer: Path(folder, peer) for peer in PEERS}
        first = {
            peer: run(peer, arguments.storage, source, root, arguments.codings) for peer, root in roots.items()
        }
        report("first", first)
        rounds = [
            {peer: run(peer, arguments.storage, source, root, arguments.codings) for peer, root in roots.items()}
            for _ in range(arguments.again)
        ]
        again = {
            peer: {part: statistics.median(one[peer][part] for one in rounds) for part in told}
            for peer, told in first.items()
        }
        report("again", again)
        for peer in PEERS:
            times = first[peer]["compression"] / again[peer]["compression"]
            print(f"{peer}: compression again is {times:.0f} times faster than first")


def report(when: str, told: dict[str, dict[str, float]]) -> None:
    """Print a line for each part."""
    for part in ("whole", "whole cpu", "compression", "compression cpu"):
        theirs, ours = (told[peer][part] for peer in PEERS)
        ratio = ours / theirs
        print(
            f"{when:6}{part:16} whitenoise {theirs:8.2f} s   whitemedia {ours:8.2f} s   ratio {ratio:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
