"""`manage.py whitemedia check` and `manage.py whitemedia explain URL`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from whitemedia.django.checks import TAG
from whitemedia.django.serving import served
from whitemedia.django.settings import read_settings
from whitemedia.explaining import explain, format_explanation
from whitemedia.http.paths import quote_path, spell, unspell
from whitemedia.media.signing import path_info_of
from whitemedia.options import OptionError


class Command(BaseCommand):
    """Looks at the settings, and tells what they have served."""

    help = "Check the settings of whitemedia, or explain how a URL is answered."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own annotation

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("check", help="run the system checks of whitemedia, and tell what is served")
        explaining = commands.add_parser(
            "explain", help="tell which file answers a URL, and how, or why none does"
        )
        explaining.add_argument("url", nargs="+", help="a URL, or its path")

    def handle(self, *_: object, command: str, **options: Any) -> None:
        try:
            if command == "check":
                self._check()
            else:
                self._explain(options["url"])
        except OptionError as error:
            raise CommandError(str(error)) from None

    def _check(self) -> None:
        self.check(tags=[TAG], display_num_errors=True)
        site = served()
        for indexed in site.roots:
            found = "looked up at each request" if site.options.autorefresh else f"{len(indexed.resources)} files"
            self.stdout.write(f"{indexed.prefix}: {found}, of {indexed.root.path}")
        for prefix in site.table.live_prefixes:
            self.stdout.write(f"{unspell(prefix)}: looked up at each request")

    def _explain(self, urls: list[str]) -> None:
        site = served()
        mount = f"{spell(read_settings().script_name)}/"
        for url in urls:
            path = path_info_of(url)
            path = path[len(mount) - 1 :] if path.startswith(mount) else path
            for line in format_explanation(explain(site, quote_path(path))):
                self.stdout.write(line)
