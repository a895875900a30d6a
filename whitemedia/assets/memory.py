"""What a start does to memory beyond its own objects: the garbage collector's work, and what the C library keeps."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

MANY: Final = 10_000
"""Objects that were built at once, from which on it is felt when the garbage collector looks through them."""


@contextmanager
def building_for_good() -> Iterator[None]:
    """Build what has no cycles and stays, without the garbage collector, which would find nothing.

    If that is MANY objects they are left out of all its later work too (`gc.freeze`), for a process that serves for
    long would look through them each time. All else that is there by then is left out with them: when it happens
    again, what has become garbage meanwhile is collected first.
    """
    if not gc.isenabled():
        yield
        return
    before = gc.get_count()[0]
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] - before >= MANY:
            _freeze()
        gc.enable()


def _freeze() -> None:
    if not hasattr(gc, "freeze"):  # PyPy
        return
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    gc.freeze()


def give_back_memory() -> None:
    """Return to the system what glibc keeps of freed memory, for each thread that asked for it: half of a start's."""
    trim: Any = getattr(_c_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _c_library() -> Any:
    """The C library that this process runs on; None where there is no such thing (Windows)."""
    try:
        return importlib.import_module("ctypes").CDLL(None)
    except (ImportError, OSError, TypeError):
        return None
