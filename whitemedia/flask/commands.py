"""`flask whitemedia …`: what the application serves, and what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from whitemedia.assets.scan import DirectoryRoot
from whitemedia.build import BuildError, BuildResult, build
from whitemedia.checking import Survey
from whitemedia.cli.build import describe
from whitemedia.cli.messages import counted, printable
from whitemedia.explaining import explain, format_explanation
from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionError


def make_group() -> AppGroup:
    """The commands, in a group of its own for each application, which may add to it."""
    return AppGroup(
        "whitemedia",
        help="Static files: compress, check, explain, list.",
        commands=[_build, _check, _explain, _urls],
    )


@click.command("build")
@click.option("--hash", "names", is_flag=True, help="Also write files under their versioned names.")
@click.option("--prune", is_flag=True, help="Remove what earlier builds wrote and nothing needs.")
@with_appcontext
def _build(*, names: bool, prune: bool) -> None:
    """Compress the static files ahead of time."""
    complete = True
    for root in _whitemedia().roots:
        if not isinstance(root.root, DirectoryRoot):
            continue
        options: dict[str, Any] = {
            name: getattr(root.options, name)
            for name in ("compress_test", "mimetypes", "hidden", "follow_symlinks", "rewrite_except", "immutable")
        }
        try:
            result = build(root.root.path, **options, names=names, prefix=root.prefix, prune=prune)
        except (BuildError, OptionError) as error:
            raise click.ClickException(printable(str(error))) from None
        _say(describe(result, argparse.Namespace(directory=root.root.path, check=False)))
        _complain(_failures(result))
        complete = complete and result.is_complete
    if not complete:
        raise click.exceptions.Exit(1)


def _failures(result: BuildResult) -> Iterable[str]:
    yield from (f"{failure.path}: {failure.reason}" for failure in (*result.failures, *result.unused))
    yield from (f"{one.file}:{one.line}: nothing is at {one.url}" for one in result.unresolved)


@click.command("check")
@with_appcontext
def _check() -> None:
    """Tell what cannot be served, and what leads nowhere; exit 1 if anything is wrong."""
    whitemedia = _whitemedia()
    problems = [*Survey(whitemedia).problems(), *_misconfigured(whitemedia)]
    _complain(problems)
    if problems:
        raise click.exceptions.Exit(1)
    _say([f"{counted(len(whitemedia.roots), 'root')}, and nothing is wrong"])


def _misconfigured(whitemedia: WhiteMedia) -> Iterable[str]:
    if current_app.config.get("USE_X_SENDFILE") and whitemedia.handoff is None:
        yield "USE_X_SENDFILE is set, and there is no private root: nothing is sent of what send_file names"


@click.command("explain")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@with_appcontext
def _explain(urls: tuple[str, ...]) -> None:
    """Tell what answers a URL, and why, or what is in the way."""
    for url in urls:
        try:
            _say(format_explanation(explain(_whitemedia(), url)))
        except OptionError as error:
            raise click.UsageError(printable(str(error))) from None


@click.command("urls")
@with_appcontext
def _urls() -> None:
    """List the URL paths of all static files, and those that can be cached for ever."""
    _say(f"{plain}  {versioned}".rstrip() for plain, versioned in sorted(Survey(_whitemedia()).urls()))


def _whitemedia() -> WhiteMedia:
    whitemedia: WhiteMedia = current_app.extensions["whitemedia"]
    return whitemedia


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(line))


def _complain(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"whitemedia: {printable(line)}", err=True)
