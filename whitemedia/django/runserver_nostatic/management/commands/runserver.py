"""`runserver`, as the next application has it, with `--nostatic` as the default."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.core.management.base import CommandParser

_APP: Final = "whitemedia.django.runserver_nostatic"


def _applications_after() -> Iterator[str]:
    """Those whose command this one takes the place of, the nearest first."""
    names = [config.name for config in apps.get_app_configs()]
    yield from names[names.index(_APP) + 1 :] if _APP in names else ()
    yield "django.core"


def next_command() -> Any:
    """The `runserver` that there would be without this one: of staticfiles, or of an application with a server of its own."""
    for application in _applications_after():
        module = f"{application}.management.commands.runserver"
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:  # it has no commands at all
            continue
        if found is not None:
            return importlib.import_module(module).Command
    raise LookupError("runserver")


_Next: Any = next_command()


class Command(_Next):
    """Without static files of Django's: the middleware serves them."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        if parser.get_default("use_static_handler") is True:
            parser.set_defaults(use_static_handler=False)
            parser.description = (
                f"{parser.description or ''}\n(whitemedia serves static files: --nostatic is always on)"
            )
