"""Giving back what coding took: glibc keeps freed memory for each thread that asked for it, half of what a start used."""

from __future__ import annotations

import importlib
from typing import Any


def give_back_memory() -> None:
    """Return free memory to the system, where the C library can be asked to."""
    trim: Any = getattr(_c_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _c_library() -> Any:
    """The C library that this process runs on; None where there is no such thing (Windows)."""
    try:
        return importlib.import_module("ctypes").CDLL(None)
    except (ImportError, OSError, TypeError):
        return None
