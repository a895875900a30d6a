"""Calls that fail as the system lets them fail."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def fail_with(code: int) -> Callable[..., Any]:
    """A call that raises OSError."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail
