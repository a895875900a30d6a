"""A disk that fails at a given call."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


class FailingDisk:
    """A disk on which the call with this number fails, and all later ones if it stays so."""

    def __init__(self, number: int, code: int, *, stays: bool) -> None:
        self._failing = number
        self._code = code
        self._stays = stays
        self.calls: list[str] = []

    @property
    def failed(self) -> bool:
        return len(self.calls) > self._failing

    @property
    def failing(self) -> str:
        """The name of the call that failed first."""
        return self.calls[self._failing]

    def call(self, name: str) -> None:
        """Raise, if it is time to."""
        self.calls.append(name)
        number = len(self.calls) - 1
        if number == self._failing or (self._stays and number > self._failing):
            raise OSError(self._code, os.strerror(self._code))

    def guard(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that may fail before it has done anything."""

        def guarded(*arguments: Any, **keywords: Any) -> Any:
            self.call(name)
            return function(*arguments, **keywords)

        return guarded
