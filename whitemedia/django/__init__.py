"""Django's static and media files through whitemedia.

INSTALLED_APPS = ["whitemedia.django", …]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "whitemedia.django.WhiteMediaMiddleware", …]

As an application it is loaded before there are settings to read: so what reads them is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from whitemedia.django.middleware import WhiteMediaMiddleware
    from whitemedia.django.serving import served

__all__ = ["WhiteMediaMiddleware", "served"]

_MODULES: Final = {"WhiteMediaMiddleware": "middleware", "served": "serving"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
