"""Every rule of HTTP that holds of `WhiteMedia` holds of the middleware in Django's handler: the same tests, asked here."""

from __future__ import annotations

import importlib
import inspect

import pytest

MODULES = ("codings", "general", "methods", "preconditions", "ranges")

DJANGOS = {"test_line_43_a_path_that_is_no_text_or_has_no_end_goes_to_the_application"}
"""Of what PEP 3333 does not allow: Django refuses the request before any middleware is asked."""

for _name in MODULES:
    _module = importlib.import_module(f"tests.test_http_rules_{_name}")
    for _test, _function in vars(_module).items():
        if (
            _test.startswith("test_")
            and _test not in DJANGOS
            and "client" in inspect.signature(_function).parameters
        ):
            globals()[f"{_test}_of_{_name}"] = _function


def test_there_are_rules() -> None:
    assert sum(name.startswith("test_line") for name in globals()) > 20


@pytest.mark.parametrize("module", MODULES)
def test_every_module_of_rules_is_asked(module: str) -> None:
    assert any(name.endswith(f"_of_{module}") for name in globals())
