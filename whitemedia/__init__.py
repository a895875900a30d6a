"""Serve a WSGI application's static files, right and fast, from in front of it."""

from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionError

__all__ = ["OptionError", "WhiteMedia"]
__version__ = "0.1.0.dev0"
