"""docs/migrating.md lists what the tests show, and the tests show what it lists."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path

import pytest
from whitenoise import WhiteNoise

from tests.migrating.differences import PAGE
from whitemedia.options import Options

TESTS = Path(__file__).resolve().parent
TITLES = re.findall(r"^- \*\*(.+?)\*\*", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("title", TITLES)
def test_every_difference_on_the_page_is_shown_by_a_test(title: str) -> None:
    shown = "".join(path.read_text("utf-8") for path in TESTS.glob("test_differences_*.py"))
    assert f'"{title}"' in shown or f'"""{title}"""' in shown


@pytest.mark.parametrize("module", sorted(TESTS.glob("test_differences_*.py")), ids=lambda module: module.stem)
def test_every_difference_that_a_test_shows_is_on_the_page(module: Path) -> None:
    functions = [node for node in ast.parse(module.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    shown = {ast.get_docstring(function) for function in functions if function.name.startswith("test_")}
    assert shown - {None} <= set(TITLES)


@pytest.mark.parametrize("option", list(inspect.signature(WhiteNoise).parameters)[1:])
def test_every_option_of_whitenoise_is_on_the_page(option: str) -> None:
    assert f"`{option}`" in PAGE.read_text("utf-8")


def test_defaults_on_the_page_are_ours() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    defaults = {field.name: field.default for field in dataclasses.fields(Options)}
    assert {name: default.replace('"', "'") for name, default in rows} == {
        name: repr(defaults[name]) for name, _ in rows
    }
