"""`whitemedia build DIR`: compress a directory ahead of time, as small as it gets."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Final

from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.compression import Choice, leaving_out
from whitemedia.build import KEPT_DAYS, BuildError, BuildResult, build, check
from whitemedia.cli.command import MISUSED, REFUSED, Command, CommandError
from whitemedia.cli.messages import Lines, counted, printable
from whitemedia.cli.progress import progress_on
from whitemedia.cli.server import STOP_SIGNALS
from whitemedia.options import HASHED_NAMES, OptionError
from whitemedia.rules import compile_glob

_PREFIX: Final = "/static/"
_OF_NAMES: Final = ("prefix", "keep_days", "immutable")
"""What counts only with --hash."""

INTERRUPTED: Final = 130
"""The exit code after Ctrl-C, as shells have it."""

_DEFAULTS: Final = ", ".join(f"{name}={coding.build_level}" for name, coding in BY_NAME.items())


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", help="the directory to compress the files of")
    parser.add_argument(
        "--codings", metavar="NAMES", type=_names, help=f"some of {','.join(BY_NAME)} (default: all)"
    )
    parser.add_argument(
        "--levels",
        metavar="LEVELS",
        type=_levels,
        help=f"levels by coding (default: {_DEFAULTS.replace(' ', '')})",
    )
    parser.add_argument(
        "--exclude",
        metavar="GLOB",
        type=_glob,
        action="append",
        default=[],
        help="files to leave alone; repeatable",
    )
    parser.add_argument("--follow-symlinks", action="store_true", help="also what links out of DIR point to")
    parser.add_argument("--hash", action="store_true", help="also write files under names that say their versions")
    parser.add_argument("--prefix", metavar="URL", help=f"with --hash: where DIR is served (default: {_PREFIX})")
    parser.add_argument(
        "--keep-days",
        metavar="N",
        type=int,
        help=f"with --hash: how long files of earlier releases stay (default: {KEPT_DAYS})",
    )
    parser.add_argument(
        "--immutable", metavar="TOOL", choices=HASHED_NAMES, help="with --hash: whose names are hashed already"
    )
    parser.add_argument("--threads", metavar="N", type=int, help="files to compress at a time (default: cores)")
    parser.add_argument("--prune", action="store_true", help="remove what earlier builds wrote and nothing needs")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if anything is missing or stale"
    )
    parser.add_argument("--json", action="store_true", help="tell the result as JSON")


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _levels(text: str) -> dict[str, int]:
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name and level.isdecimal() for name, _, level in pairs):
        raise argparse.ArgumentTypeError(f"{text!r}: expected such as br=11,gzip=9")
    return {name: int(level) for name, _, level in pairs}


def _glob(text: str) -> Any:
    try:
        return compile_glob(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _run(arguments: argparse.Namespace) -> int:
    _check_together(arguments)
    out, errors = Lines(sys.stdout), Lines(sys.stderr)
    try:
        with _stopping(errors):
            result = _build(arguments)
    except OptionError as error:
        raise CommandError(str(error), MISUSED) from None
    except BuildError as error:
        raise CommandError(str(error), REFUSED) from None
    except KeyboardInterrupt:
        errors("whitemedia build: interrupted; what was written is valid, and the next build goes on from there")
        return INTERRUPTED
    if arguments.json:
        out(json.dumps(format_result(result), indent=2))
    else:
        for line in describe(result, arguments):
            out(line)
    for failure in (*result.failures, *result.unused):
        errors(f"whitemedia build: {printable(failure.path)}: {failure.reason}")
    for one in result.unresolved:
        errors(f"whitemedia build: {printable(one.file)}:{one.line}: nothing is at {printable(one.url)}")
    return 0 if result.is_complete else REFUSED


def _check_together(arguments: argparse.Namespace) -> None:
    """Raises CommandError for arguments that mean nothing together."""
    if arguments.check and arguments.prune:
        raise CommandError("--check writes nothing, and --prune removes files", MISUSED)
    for name in _OF_NAMES:
        if getattr(arguments, name) is not None and not arguments.hash:
            raise CommandError(f"--{name.replace('_', '-')} counts only with --hash", MISUSED)


def _build(arguments: argparse.Namespace) -> BuildResult:
    options: dict[str, Any] = {
        "codings": arguments.codings,
        "levels": arguments.levels,
        "threads": arguments.threads,
        "compress_test": _choice(arguments.exclude),
        "follow_symlinks": arguments.follow_symlinks,
        "names": arguments.hash,
        "prefix": _PREFIX if arguments.prefix is None else arguments.prefix,
        "immutable": arguments.immutable,
    }
    if arguments.check:
        return check(arguments.directory, **options)
    with nullcontext(None) if arguments.json else progress_on(sys.stderr) as progress:
        return build(
            arguments.directory,
            **options,
            keep_days=KEPT_DAYS if arguments.keep_days is None else arguments.keep_days,
            prune=arguments.prune,
            progress=progress,
        )


def _choice(excluded: list[Any]) -> Choice | None:
    """What is worth it, but for what is excluded."""
    if not excluded:
        return None

    return leaving_out(lambda path: any(glob.fullmatch(path) for glob in excluded))


@contextmanager
def _stopping(errors: Lines) -> Iterator[None]:
    """The first SIGINT or SIGTERM lets what is in hand be finished; the second ends at once, which loses only that."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        if stopping:
            os._exit(INTERRUPTED)
        stopping = True
        with suppress(RuntimeError):  # in the middle of another line
            errors("whitemedia build: finishing the files in hand (again: at once)")
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def format_result(result: BuildResult) -> dict[str, Any]:
    """A result as JSON has it."""
    told = dataclasses.asdict(result) | {"complete": result.is_complete}
    told["unresolved"] = [one._asdict() for one in result.unresolved]
    for name in ("failures", "unused"):
        told[name] = [{"path": path, "reason": reason} for path, reason in getattr(result, name)]
    return told


def describe(result: BuildResult, arguments: argparse.Namespace) -> Iterable[str]:
    """A result as lines for people."""
    directory = printable(arguments.directory)
    yield f"whitemedia: {counted(result.files, 'file')}, {result.bytes / 1e6:,.1f} MB in {directory}"
    yield f"{'coding':8}{'level':>6}{'files':>10}{'original':>14}{'compressed':>14}{'saved':>8}{'written':>10}"
    for total in result.totals:
        saved = 1 - total.coded_bytes / total.original_bytes if total.original_bytes else 0
        yield (
            f"{total.coding:8}{total.level:6}{total.files:10,}{total.original_bytes / 1e6:11,.1f} MB"
            f"{total.coded_bytes / 1e6:11,.1f} MB{saved:8.0%}{total.written:10,}"
        )
    yield from (f"missing: {printable(path)}" for path in result.missing)
    yield from (f"stale: {printable(path)}" for path in result.stale)
    yield from (f"removed: {printable(path)}" for path in (*result.pruned, *result.removed_names))
    if result.named:
        written = f"{len(result.written_names):,} written"
        yield f"whitemedia: {counted(result.named, 'file')} named by versions, {written}"
    if result.leftover:
        yield f"whitemedia: {counted(len(result.leftover), 'file')} of earlier builds not needed (--prune removes them)"
    yield f"whitemedia: {_outcome(result, arguments)} in {result.seconds:,.1f} s"


def _outcome(result: BuildResult, arguments: argparse.Namespace) -> str:
    if arguments.check:
        return f"checked: {len(result.missing):,} missing, {len(result.stale):,} stale"
    return f"wrote {counted(sum(total.written for total in result.totals), 'file')}"


COMMAND: Final = Command("build", "Compress a directory's files ahead of time.", _add_arguments, _run)
