"""What the page on storages shows of models and forms runs in a project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test.utils import isolate_apps

PAGE = Path(__file__).resolve().parents[2] / "docs" / "django-storage.md"
BLOCKS = re.findall(r"```py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
APPLICATION = "django.contrib.staticfiles"


def test_there_are_examples() -> None:
    assert len(BLOCKS) == 2


@pytest.mark.parametrize("block", BLOCKS)
def test_examples_of_models_and_forms_run(block: str) -> None:
    with isolate_apps(APPLICATION):
        exec(compile(block, "example", "exec"), {"__name__": f"{APPLICATION}.models"})
