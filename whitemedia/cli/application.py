"""The application behind the files: the one that the user names, or none."""

from __future__ import annotations

import importlib
import operator
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from whitemedia.cli.command import MISUSED, CommandError
from whitemedia.serving import answers
from whitemedia.serving.body import send_wsgi

if TYPE_CHECKING:
    from types import ModuleType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_REFERENCE: Final = re.compile(r"([\w-]+(?:\.[\w-]+)*):(\w+(?:\.\w+)*)")


def not_found(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A WSGI application that has nothing."""
    return send_wsgi(answers.not_found(environ["REQUEST_METHOD"]), environ, start_response)


def load_application(reference: str) -> WSGIApplication:
    """The WSGI application that `module:callable` names, the working directory coming first; CommandError if none."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise _wrong(reference, "expected module:callable, such as app:application")
    module_name, path = match.groups()
    try:
        found = operator.attrgetter(path)(_import(reference, module_name))
    except AttributeError:
        raise _wrong(reference, f"module {module_name!r} has no {path!r}") from None
    if not callable(found):
        raise _wrong(reference, f"not callable: {type(found).__name__}")
    return _as_function(found)


def _import(reference: str, name: str) -> ModuleType:
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if f"{name}.".startswith(f"{error.name}."):
            raise _wrong(reference, f"there is no module {error.name!r}") from None
        raise _failed(reference, error) from error
    except Exception as error:
        raise _failed(reference, error) from error


def _failed(reference: str, error: Exception) -> CommandError:
    return _wrong(reference, f"importing it raised {type(error).__name__}")


def _wrong(reference: str, why: str) -> CommandError:
    return CommandError(f"--app {reference!r}: {why}", MISUSED)


def _as_function(application: Any) -> WSGIApplication:
    """A Flask application as a plain callable: WhiteMedia refuses it, lest someone wrap it and lose its attributes."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answered: Iterable[bytes] = application(environ, start_response)
        return answered

    return call
