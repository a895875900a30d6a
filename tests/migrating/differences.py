"""Deliberate differences from whitenoise, as rows: one request, what each answers, and what brings the old answer back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.answers import Answer
from tests.migrating.sites import NOTHING, Maker

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "migrating.md"

Seen = Mapping[str, object]


class Difference(NamedTuple):
    """One request and what is seen of each answer: `status`, `body`, `passed on`, or a field by its name.

    `title` is how docs/migrating.md names the difference; with the options `undo` ours answers as whitenoise does.
    """

    title: str
    path: str
    theirs: Seen
    ours: Seen
    method: str = "GET"
    fields: Mapping[str, str] = NOTHING
    environ: Mapping[str, str] = NOTHING
    options: Mapping[str, Any] = NOTHING
    undo: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.title} {self.method} {self.path} {dict(self.fields) or ''}"

    def ask(self, construction: str, root: Path, expected: Seen, options: Mapping[str, Any] = NOTHING) -> Seen:
        """What is seen, of what is expected, of the answer."""
        site = Maker(construction)(root, "/static/", **self.options, **options)
        answer = site.request(self.method, self.path, self.fields, **self.environ)
        return {name: _seen(answer, name) for name in expected}


def assert_differs(difference: Difference, root: Path) -> None:
    """Each answers as its row says, and the page names the difference."""
    assert difference.ask("whitenoise", root, difference.theirs) == difference.theirs
    assert difference.ask("whitemedia", root, difference.ours) == difference.ours
    assert f"**{difference.title}**" in PAGE.read_text("utf-8")


def assert_undone(difference: Difference, root: Path) -> None:
    """With the options that the page names, ours answers as whitenoise does."""
    assert difference.undo is not None
    assert difference.ask("whitemedia", root, difference.theirs, difference.undo) == difference.theirs


def undoable(differences: list[Difference]) -> list[Difference]:
    """Those with a way back."""
    return [difference for difference in differences if difference.undo is not None]


def _seen(answer: Answer, name: str) -> object:
    of_all = {"status": answer.status, "body": answer.body, "passed on": answer.is_the_applications}
    return of_all[name] if name in of_all else answer.headers[name]
