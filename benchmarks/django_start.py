"""What the middleware's start costs in Django, against whitenoise's: seconds of the constructor over a tree.

python benchmarks/django_start.py TREE [--rounds 5]

TREE is the STATIC_ROOT, served without its siblings. Each start is in a process of its own; the first one of ours fills the store.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings
from django.utils.module_loading import import_string

PLAIN, MANIFEST = (f"django.contrib.staticfiles.storage.{name}StaticFilesStorage" for name in ("", "Manifest"))
MIDDLEWARE = {
    "whitenoise": "whitenoise.middleware.WhiteNoiseMiddleware",
    "whitemedia": "whitemedia.django.WhiteMediaMiddleware",
}


def measure(name: str, tree: str, storage: str, store: str) -> float:
    """Start once, in this process."""
    settings.configure(
        DEBUG=False,
        STATIC_URL="/static/",
        STATIC_ROOT=tree,
        INSTALLED_APPS=["django.contrib.staticfiles"],
        STORAGES={"staticfiles": {"BACKEND": storage}},
        WHITEMEDIA_CACHE_DIR=store,
        WHITEMEDIA_COMPRESS_SECONDS=60,
    )
    django.setup()
    middleware = import_string(MIDDLEWARE[name])
    started = time.perf_counter()
    middleware(lambda request: None)
    return time.perf_counter() - started


def _run(*arguments: str) -> float:
    command = [sys.executable, __file__, *arguments]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    """Print medians, and the ratio to whitenoise's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        name, storage, store = arguments.only
        print(json.dumps(measure(name, arguments.tree, storage, store)))
        return
    for storage in (PLAIN, MANIFEST):
        with tempfile.TemporaryDirectory() as store:
            Path(store).chmod(0o700)
            cold = _run(arguments.tree, "--only", "whitemedia", storage, store)
            rounds = [
                {name: _run(arguments.tree, "--only", name, storage, store) for name in MIDDLEWARE}
                for _ in range(arguments.rounds)
            ]
        medians = {name: statistics.median(one[name] for one in rounds) for name in MIDDLEWARE}
        ratio = statistics.median(one["whitemedia"] / one["whitenoise"] for one in rounds)
        told = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in medians.items())
        print(f"{storage.rpartition('.')[2]}: {told}, ratio {ratio:.2f}; first start {cold:.1f} s")


if __name__ == "__main__":
    main()
