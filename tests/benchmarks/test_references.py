"""Real stylesheets, rewritten: another parser finds every reference versioned or told, and nothing else changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from benchmarks import references
from tests.conftest import plant
from tests.packages import folder_of
from whitemedia import WhiteMedia


@pytest.mark.parametrize(
    ("package", "path", "stylesheets"),
    [("django", "contrib/admin/static", 15), ("playwright", "driver/package/lib/vite", 3)],
)
def test_real_stylesheets_are_rewritten_right(package: str, path: str, stylesheets: int) -> None:
    counts, faults = references.compare(folder_of(package, path))
    assert faults == []
    assert counts["stylesheets"] >= stylesheets
    assert counts["rewritten"] > 0


FILES = {"a.css": b"a{b:url(x.png);c:url(no.png);d:url(/api/x);e:url(data:,)}", "x.png": b"1"}


def test_what_leads_nowhere_and_what_is_elsewhere_is_told_apart(tmp_path: Path) -> None:
    counts, faults = references.compare(plant(tmp_path, FILES))
    assert faults == []
    assert +counts == {
        "stylesheets": 1,
        "rewritten": 1,
        "told to lead nowhere": 1,
        "not beneath the prefix": 1,
        "elsewhere": 1,
    }


def test_what_was_not_rewritten_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = WhiteMedia

    def plain(*given: Any, **options: Any) -> Any:
        return whole(*given, **{**options, "rewrite": False})

    monkeypatch.setattr(references, "WhiteMedia", plain)
    assert len(references.compare(plant(tmp_path, FILES))[1]) == 1


@pytest.mark.parametrize("made", [b"x.0123456789ab.png", b"y.png", b"x.png?v"])
def test_what_was_rewritten_otherwise_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: bytes
) -> None:
    get = Client.get

    def change(client: Any, path: str) -> Any:
        answer = get(client, path)
        answer.data = answer.data.replace(answer.data[8:26], made) if path.endswith("a.css") else answer.data
        return answer

    monkeypatch.setattr(Client, "get", change)
    assert len(references.compare(plant(tmp_path, FILES))[1]) == 1
