"""`names=True` writes the versioned names on disk: the same ones, with the same bytes, that `url_for` names and serves."""

from __future__ import annotations

import datetime as dt
import errno
import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from tests.assets.failing import fail_with
from tests.build.site import LEVELS, snapshot
from tests.conftest import MODIFIED, plant
from whitemedia import OptionError, WhiteMedia
from whitemedia.assets import writing
from whitemedia.build import BuildError, BuildResult, build, check, naming

FILES = {
    "css/app.css": b'@import "base.css";\n.a { background: url(../img/logo.png?v#x) }\n'
    + b".b { margin: 0 }\n" * 40,
    "css/base.css": b".c { background: url(/static/img/logo.png), url(no.png) }",
    "img/logo.png": b"\x89PNG one",
    "index.html": b"<p>",
    "js/app.js": b"run()\n//# sourceMappingURL=app.js.map\n",
    "js/app.js.map": b"{}",
}
PLAIN = sorted(name for name in FILES if name != "index.html")
NAMES = Path(".whitemedia", "names.json")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "site", FILES)


def name_all(root: Path, **options: Any) -> BuildResult:
    return build(root, codings=("br", "gzip"), levels=LEVELS, names=True, **options)


def told(root: Path) -> dict[str, str]:
    names: dict[str, str] = json.loads((root / NAMES).read_text("ascii"))["names"]
    return names


def serve(root: Path, **options: Any) -> WhiteMedia:
    return WhiteMedia(NotFound(), root, "/static/", **{"rewrite": True, "cache_dir": None, **options})


def on_day(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """As if it were so many days later."""

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Later:
            return super().now(tz) + dt.timedelta(days=days)

    monkeypatch.setattr("whitemedia.build.naming.dt.datetime", Later)


def test_all_but_pages_are_named(root: Path) -> None:
    result = name_all(root)
    assert sorted(told(root)) == PLAIN
    assert (result.named, sorted(result.written_names)) == (len(PLAIN), sorted(told(root).values()))
    assert result.is_complete


@pytest.mark.parametrize("options", [{}, {"autorefresh": True}, {"compress": "off"}], ids=str)
def test_the_names_and_bytes_are_those_that_are_served_without_a_build(
    root: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    other = plant(tmp_path / "other", FILES)
    name_all(root)
    wm = serve(other, **options)
    for name, versioned in told(root).items():
        assert wm.url_for(name) == f"/static/{versioned}"
        assert Client(wm).get(wm.url_for(name)).data == (root / versioned).read_bytes()


@pytest.mark.parametrize(
    "options",
    [{}, {"autorefresh": True}, {"add_headers_function": lambda *_: None}],
    ids=["table", "autorefresh", "function"],
)
def test_where_they_are_served_the_files_on_disk_are_what_url_for_names(
    root: Path, options: dict[str, Any]
) -> None:
    name_all(root)
    wm = serve(root, **options)
    for name, versioned in told(root).items():
        answer = Client(wm).get(wm.url_for(name))
        assert (answer.status_code, wm.url_for(name)) == (200, f"/static/{versioned}")
        assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
        assert wm.url_for(versioned) == f"/static/{versioned}"


def test_siblings_are_built_of_what_is_under_the_names(root: Path) -> None:
    name_all(root)
    versioned = told(root)["css/app.css"]
    assert (root / f"{versioned}.br").is_file()
    answer = Client(serve(root, compress="off")).get(f"/static/{versioned}", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.data == (root / f"{versioned}.br").read_bytes()


def test_a_second_build_writes_nothing(root: Path) -> None:
    name_all(root)
    before = snapshot(root)
    assert name_all(root).written_names == ()
    assert snapshot(root) == before


def test_a_change_renames_all_that_refers_to_it_and_nothing_else(root: Path) -> None:
    name_all(root)
    before = told(root)
    plant(root, {"img/logo.png": b"\x89PNG two"})
    name_all(root)
    after = told(root)
    assert {name for name in before if before[name] != after[name]} == {
        "css/app.css",
        "css/base.css",
        "img/logo.png",
    }
    assert all((root / name).is_file() for name in (*before.values(), *after.values()))


def test_an_earlier_release_is_served_as_it_was(root: Path) -> None:
    name_all(root)
    before = told(root)
    was = (root / before["css/app.css"]).read_bytes()
    plant(root, {"img/logo.png": b"\x89PNG two"})
    name_all(root)
    answer = Client(serve(root)).get(f"/static/{before['css/app.css']}")
    assert (answer.data, answer.headers["Cache-Control"]) == (was, "max-age=31536000, public, immutable")


def test_what_was_replaced_is_removed_after_its_days_with_its_siblings(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_all(root)
    before = told(root)
    plant(root, {"css/app.css": FILES["css/app.css"] + b"\n.d{}"})
    name_all(root)
    on_day(monkeypatch, 9)
    assert name_all(root, keep_days=10).removed_names == ()
    on_day(monkeypatch, 10)
    assert name_all(root, keep_days=10).removed_names == (before["css/app.css"],)
    assert [path for path in root.rglob("*") if before["css/app.css"].rpartition("/")[2] in path.name] == []
    assert name_all(root, keep_days=10).removed_names == ()


def test_what_is_current_again_is_not_removed(root: Path) -> None:
    name_all(root)
    before = told(root)
    plant(root, {"css/app.css": b".d{}"})
    name_all(root)
    plant(root, FILES)
    assert name_all(root, keep_days=0).removed_names != ()
    assert told(root) == before
    assert all((root / name).is_file() for name in before.values())


def test_a_file_that_is_not_ours_is_neither_written_over_nor_removed(root: Path, tmp_path: Path) -> None:
    other = plant(tmp_path / "other", FILES)
    name_all(other)
    taken = told(other)["js/app.js"]
    plant(root, {taken: b"somebody's own"})
    result = name_all(root)
    assert [(failure.path, failure.reason) for failure in result.failures] == [
        (taken, "is another file, which is left as it is")
    ]
    assert (root / taken).read_bytes() == b"somebody's own"
    assert "js/app.js" not in told(root)


def test_what_was_changed_under_its_versioned_name_is_written_anew(root: Path) -> None:
    name_all(root)
    path = root / told(root)["js/app.js"]
    whole = path.read_bytes()
    path.write_bytes(b"changed")
    assert not check(root, codings=("br", "gzip"), levels=LEVELS, names=True).is_complete
    name_all(root)
    assert path.read_bytes() == whole


def test_what_was_changed_under_its_versioned_name_is_not_kept_for_ever(root: Path) -> None:
    name_all(root)
    versioned = told(root)["js/app.js"]
    (root / versioned).write_bytes(b"changed")
    answer = Client(serve(root, max_age=5)).get(f"/static/{versioned}")
    assert (answer.data, answer.headers["Cache-Control"]) == (b"changed", "max-age=5, public")


def test_a_check_tells_what_is_to_be_written_and_writes_nothing(root: Path) -> None:
    before = snapshot(root)
    result = check(root, codings=("br", "gzip"), levels=LEVELS, names=True)
    assert snapshot(root) == before
    assert (result.named, result.is_complete) == (len(PLAIN), False)
    assert sum(name.count(".") == 2 for name in result.missing) >= len(PLAIN)
    name_all(root)
    assert check(root, codings=("br", "gzip"), levels=LEVELS, names=True).is_complete


def test_references_that_lead_nowhere_are_told_with_file_and_line(root: Path) -> None:
    found = name_all(root).unresolved
    assert [(one.file, one.line, one.url) for one in found] == [(str(root / "css/base.css"), 1, "no.png")]


def test_names_that_are_hashed_already_stay(root: Path) -> None:
    plant(root, {"assets/index-BfGhJkLm.js": b"run()"})
    name_all(root, immutable="vite")
    assert "assets/index-BfGhJkLm.js" not in told(root)


def test_references_in_what_is_excepted_stay(root: Path) -> None:
    name_all(root, rewrite_except=["css/**"])
    assert (root / told(root)["css/app.css"]).read_bytes() == FILES["css/app.css"]


def test_absolute_references_are_of_the_prefix(root: Path) -> None:
    name_all(root, prefix="/assets/")
    assert b"url(/static/img/logo.png)" in (root / told(root)["css/base.css"]).read_bytes()


def test_what_is_written_has_the_time_of_the_latest_that_it_refers_to(root: Path) -> None:
    plant(root, {"img/logo.png": b"\x89PNG"}, MODIFIED + 100)
    name_all(root)
    assert (root / told(root)["css/app.css"]).stat().st_mtime == MODIFIED + 100
    assert (root / told(root)["js/app.js"]).stat().st_mtime == MODIFIED


@pytest.mark.parametrize("calls", range(1, 8))
def test_wherever_a_build_ends_every_name_that_is_told_is_of_a_whole_file_and_the_next_one_goes_on(
    root: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    name_all(root)
    plant(root, {"img/logo.png": b"\x89PNG two", "js/app.js.map": b"{ }"})
    write, left = writing.write_file, [calls]

    def end(*given: Any, **options: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        write(*given, **options)

    with monkeypatch.context() as patch:
        patch.setattr("whitemedia.build.naming.write_file", end)
        patch.setattr("whitemedia.assets.named_files.write_file", end)
        with pytest.raises(KeyboardInterrupt):
            name_all(root)
    assert all((root / name).is_file() for name in told(root).values())
    name_all(root, keep_days=0)
    current = {root / name for name in told(root).values()}
    named = {path for path in root.rglob("*.*.*") if path.suffix in (".css", ".js", ".png", ".map")}
    assert named - {root / "js/app.js.map"} == current


def test_a_full_disk_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "write_file", fail_with(errno.ENOSPC))
    with pytest.raises(BuildError, match="cannot write"):
        name_all(root)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b'{"names": []}', b'{"names": {}, "files": {"a": 1}}', b"\xff", b"[" * 100_000],
    ids=lambda text: repr(text)[:20],
)
def test_damaged_names_are_made_anew(root: Path, text: bytes) -> None:
    name_all(root)
    before = told(root)
    (root / NAMES).write_bytes(text)
    assert Client(serve(root)).get("/static/css/app.css").status_code == 200
    name_all(root)
    assert before.items() <= told(root).items()


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "", "a//b", "a\0b"])
def test_names_of_what_is_not_below_the_root_are_never_removed(root: Path, name: str) -> None:
    outside = plant(root.parent, {"secret": b"secret"}) / "secret"
    integrity = "sha256-K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols="
    (root / ".whitemedia").mkdir()
    files = {name: {"integrity": integrity, "replaced": "2001-01-01"}}
    (root / NAMES).write_text(json.dumps({"names": {}, "files": files}))
    assert name_all(root, keep_days=0).removed_names == ()
    assert outside.read_bytes() == b"secret"


@pytest.mark.parametrize(
    ("option", "value"),
    [("keep_days", -1), ("keep_days", True), ("keep_days", "1"), ("prefix", "a?b"), ("immutable", "grunt")],
)
def test_wrong_options_are_named(root: Path, option: str, value: Any) -> None:
    with pytest.raises(OptionError, match=f"^{option}="):
        name_all(root, **{option: value})
    assert not (root / NAMES).exists()
