"""`whitemedia serve DIR`: WhiteMedia over a directory, on waitress, for someone at a terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from whitemedia.arguments import checked_root
from whitemedia.assets.resource import Entry, Resource, resource_of
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.cli.access_log import AccessLog
from whitemedia.cli.application import load_application, not_found
from whitemedia.cli.command import MISUSED, Command, CommandError
from whitemedia.cli.listing import Listing, served_paths
from whitemedia.cli.messages import Lines, counted, printable, warnings_on
from whitemedia.cli.server import format_start, import_waitress, listen, serve, until_stopped
from whitemedia.http.paths import normalize_prefix
from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionError

_OPTIONS: Final = (
    "autorefresh",
    "clean_urls",
    "compress",
    "cors",
    "fallback",
    "immutable",
    "index_file",
    "max_age",
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", help="the directory to serve")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="0 is any that is free (default: %(default)s)")
    parser.add_argument("--prefix", default="/", help="URL path to serve DIR at (default: %(default)s)")
    parser.add_argument("--app", metavar="MODULE:CALLABLE", help="WSGI application for what is not in DIR")
    parser.add_argument("--list", action="store_true", help="list directories that have no index")
    _add_options(parser.add_argument_group("options of WhiteMedia"))


def _add_options(group: argparse._ArgumentGroup) -> None:
    """Those that are not given keep WhiteMedia's defaults, but for the index."""
    index = group.add_mutually_exclusive_group()
    index.add_argument(
        "--index",
        metavar="NAME",
        dest="index_file",
        nargs="?",
        default="index.html",
        const="index.html",
        help="file that answers for its directory (default: %(default)s)",
    )
    index.add_argument("--no-index", dest="index_file", action="store_const", const=None, help="no file does")
    unset = argparse.SUPPRESS
    group.add_argument("--autorefresh", action="store_true", default=unset, help="look files up at each request")
    group.add_argument("--max-age", metavar="SECONDS", type=int, default=unset, help="how long to reuse an answer")
    group.add_argument(
        "--immutable", metavar="PRESET", default=unset, help="build tool whose hashed names to know"
    )
    group.add_argument("--fallback", metavar="FILE", default=unset, help="page to answer with where none is found")
    group.add_argument("--clean-urls", action="store_true", default=unset, help="answer /about with about.html")
    group.add_argument(
        "--cors", metavar="ORIGIN", action="append", default=unset, help='origin that may read, or "*"; repeatable'
    )
    group.add_argument("--compress", choices=("startup", "off"), default=unset, help="off: use only what is there")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def _run(arguments: argparse.Namespace) -> int:
    _check_directory(arguments.directory)
    waitress = import_waitress()
    lines = Lines(sys.stdout)
    site = AccessLog(not_found, lines)
    with warnings_on(sys.stderr), listen(arguments.host, arguments.port) as listener:
        with until_stopped():
            if sys.stderr.isatty():  # someone waits, and a large directory takes seconds
                Lines(sys.stderr)(f"whitemedia: indexing {printable(arguments.directory)}")
            whitemedia = site.application = _build(arguments)
            lines(_describe(arguments, whitemedia))
            url_path = quote(normalize_prefix(arguments.prefix))
            lines(format_start(arguments.host, listener.getsockname()[1], url_path))
            serve(waitress, site, listener)
        lines(f"whitemedia: stopped after {counted(site.requests, 'request')}")
    return 0


def _check_directory(path: str) -> None:
    try:
        os.scandir(path).close()
    except OSError as error:
        raise CommandError(f"DIR {path!r}: {error.strerror}", MISUSED) from None


def _build(arguments: argparse.Namespace) -> WhiteMedia:
    application = load_application(arguments.app) if arguments.app else not_found
    try:
        whitemedia = WhiteMedia(application, arguments.directory, arguments.prefix, **chosen_options(arguments))
    except OptionError as error:
        raise CommandError(str(error), MISUSED) from None
    if arguments.list:
        whitemedia.application = _list(arguments, whitemedia)
    return whitemedia


def chosen_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of WhiteMedia that were chosen."""
    options = {name: value for name, value in vars(arguments).items() if name in _OPTIONS}
    if "cors" in options:
        options["cors"] = "*" if options["cors"] == ["*"] else tuple(options["cors"])
    return options


def _list(arguments: argparse.Namespace, whitemedia: WhiteMedia) -> Listing:
    """A listing behind `whitemedia`, of what it serves: a file that came later would be listed, and not be found."""
    options = whitemedia.options
    prefix = normalize_prefix(arguments.prefix)
    root = DirectoryRoot(
        checked_root(arguments.directory), options.hidden, follow_symlinks=options.follow_symlinks
    )
    served = None if "autorefresh" in arguments else served_paths(whitemedia.table.entries, prefix)
    return Listing(whitemedia.application, root, prefix, served)


def _describe(arguments: argparse.Namespace, whitemedia: WhiteMedia) -> str:
    directory = printable(arguments.directory)
    if "autorefresh" in arguments:
        return f"whitemedia: files of {directory} are looked up at each request"
    sizes = [resource.source.stat_key.size for resource in _resources(whitemedia.table.entries)]
    return f"whitemedia: {counted(len(sizes), 'file')}, {sum(sizes) / 1e6:,.1f} MB from {directory}"


def _resources(entries: Mapping[str, Entry]) -> list[Resource]:
    """One for each file, by however many paths it is found."""
    found = filter(None, map(resource_of, entries.values()))
    return list({id(resource.source): resource for resource in found}.values())


COMMAND: Final = Command("serve", "Serve a directory over HTTP.", _add_arguments, _run)
