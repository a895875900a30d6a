"""A wrong argument and the error that it must raise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whitemedia import OptionError


def assert_refused(option: str, value: object, construct: Callable[[], object]) -> str:
    """`construct` raises OptionError for that option and value, and says both."""
    with pytest.raises(OptionError) as caught:
        construct()
    assert isinstance(caught.value, ValueError)
    assert (caught.value.option, caught.value.value) == (option, value)
    assert str(caught.value).startswith(f"{option}={repr(value)[:200]}")
    return str(caught.value)
