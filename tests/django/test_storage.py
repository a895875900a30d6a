"""What whitenoise's storages do, ours do under the same names; and a second run has next to nothing to do."""

from __future__ import annotations

import os
import re
from pathlib import Path

import django
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.test import override_settings

from tests.conftest import TEXT
from tests.django.collecting import MANIFEST, PLAIN, SUFFIXES, site
from whitemedia.assets.locking import FileLock
from whitemedia.build import coding as building
from whitemedia.django.storage import CompressedManifestStaticFilesStorage, CompressedStaticFilesStorage
from whitemedia.options import OptionError

CSS = b"a { background: url(img/logo.svg) }\n" + TEXT
SVG = b"<svg>" + TEXT + b"</svg>"
FILES = {"app.css": CSS, "img/logo.svg": SVG, "tiny.txt": b"1", "photo.jpg": TEXT}


@pytest.fixture(params=[PLAIN, MANIFEST], ids=["plain", "manifest"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def count_codings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what is coded from now on."""
    coded: list[int] = []
    read = building._read_original

    def counting(job: building.Job) -> bytes | None:
        coded.append(job.length)
        return read(job)

    monkeypatch.setattr(building, "_read_original", counting)
    return coded


def test_collected_files_have_siblings_that_decode_to_them(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant(FILES)
        made.collect()
        for name in ("app.css", "img/logo.svg"):
            assert made.decoded(name) == dict.fromkeys(SUFFIXES, (made.root / name).read_bytes())
        assert made.decoded("tiny.txt") == made.decoded("photo.jpg") == {}


def test_hashed_files_have_them_too(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant(FILES)
        made.collect()
        hashed = made.manifest()["app.css"]
        content = (made.root / hashed).read_bytes()
        assert made.manifest()["img/logo.svg"].encode() in content
        assert made.decoded(hashed) == dict.fromkeys(SUFFIXES, content)


def test_a_dry_run_writes_nothing(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant(FILES)
        made.collect("--dry-run")
        assert not made.root.exists()


def test_nothing_to_collect_is_no_error(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend, INSTALLED_APPS=["django.contrib.staticfiles"]) as made:
        assert "0 static files" in made.collect()


def test_each_new_sibling_is_told_of_as_whitenoise_does(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant(FILES)
        told = made.collect()
        for suffix in SUFFIXES:
            assert f"Post-processed 'app.css' as 'app.css{suffix}'" in told


def test_a_second_run_compresses_nothing(tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with site(tmp_path, backend) as made:
        made.plant(FILES)
        made.collect()
        before = {path: path.stat().st_ino for path in made.root.rglob("*.br")}
        coded = count_codings(monkeypatch)
        told = made.collect()
        assert coded == []
        assert ".br'" not in told
        assert {path: path.stat().st_ino for path in made.root.rglob("*.br")} == before


def test_files_that_were_only_touched_are_not_compressed_again(
    tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(tmp_path, backend) as made:
        made.plant(FILES)
        made.collect()
        coded = count_codings(monkeypatch)
        for path in made.source.rglob("*.*"):
            os.utime(path, (4_000_000_000, 4_000_000_000))
        assert "Copying" in made.collect()
        assert coded == []


def test_only_what_has_changed_is_compressed(
    tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(tmp_path, backend) as made:
        made.plant({**FILES, "other.css": TEXT})
        made.collect()
        coded = count_codings(monkeypatch)
        change(made.source / "other.css", TEXT + b"b{}")
        made.collect()
        assert made.decoded("other.css") == dict.fromkeys(SUFFIXES, TEXT + b"b{}")
        assert len(coded) == 1


def change(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, (4_000_000_000, 4_000_000_000))


@pytest.mark.parametrize("words", [(), ("--no-post-process",)], ids=["compressed", "not compressed"])
@pytest.mark.parametrize("data", [b"now it is short", TEXT[::-1]], ids=["not worth it", "worth it"])
def test_no_stale_sibling_stays_beside_a_changed_file(
    tmp_path: Path, backend: str, data: bytes, words: tuple[str, ...]
) -> None:
    with site(tmp_path, backend) as made:
        made.plant({"app.txt": TEXT})
        made.collect()
        change(made.source / "app.txt", data)
        made.collect(*words)
        assert (made.root / "app.txt").read_bytes() == data
        assert set(made.decoded("app.txt").values()) <= {data}


def test_siblings_of_whitenoise_go_with_what_they_were_made_of(tmp_path: Path) -> None:
    with site(tmp_path, PLAIN) as made:
        made.plant({"app.txt": TEXT})
        with site(tmp_path, "whitenoise.storage.CompressedStaticFilesStorage"):
            made.collect()
        change(made.source / "app.txt", b"short")
    with site(tmp_path, PLAIN) as made:
        made.collect()
        assert made.decoded("app.txt") == {}


def test_a_stale_sibling_that_was_collected_itself_is_replaced(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant({"app.txt": TEXT, "app.txt.gz": b"\x1f\x8b of another version"})
        made.collect()
        assert made.decoded("app.txt")[".gz"] == TEXT


def test_a_stale_sibling_that_was_collected_beside_a_short_file_is_removed(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant({"app.txt": b"short", "app.txt.gz": b"\x1f\x8b of another version"})
        made.collect()
        assert made.decoded("app.txt") == {}


def test_clear_leaves_what_was_collected_anew(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant({**FILES, "old.css": TEXT})
        made.collect()
        (made.source / "old.css").unlink()
        made.collect("--clear")
        assert {name for name in made.names() if name.startswith("old")} == set()
        assert made.decoded("app.css").keys() == SUFFIXES


def test_extensions_can_be_left_uncompressed(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend, WHITEMEDIA_SKIP_COMPRESS_EXTENSIONS=["CSS"]) as made:
        made.plant(FILES)
        made.collect()
        assert made.decoded("app.css") == {}
        assert made.decoded("img/logo.svg").keys() == SUFFIXES


@pytest.mark.skipif(django.VERSION < (5,), reason="Django 4.2 gives storages of static files no OPTIONS")
def test_codings_and_levels_are_options_of_the_storage(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend, {"codings": ["gzip"], "levels": {"gzip": 1}}) as made:
        made.plant(FILES)
        made.collect()
        assert made.decoded("app.css").keys() == {".gz"}


@pytest.mark.parametrize("storage", [CompressedStaticFilesStorage, CompressedManifestStaticFilesStorage])
def test_a_coding_that_is_none_is_an_error_at_construction(storage: type, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"codings.*deflate"):
        storage(location=str(tmp_path), codings=["deflate"])


def test_without_a_static_root_django_says_so(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend, STATIC_ROOT=None) as made:
        made.plant(FILES)
        with pytest.raises(ImproperlyConfigured, match="STATIC_ROOT"):
            made.collect()


def test_a_build_that_is_running_is_an_error_in_a_sentence(tmp_path: Path, backend: str) -> None:
    with site(tmp_path, backend) as made:
        made.plant(FILES)
        made.collect()
        with FileLock(made.root / ".whitemedia" / "lock", 0), pytest.raises(CommandError, match="is running"):
            made.collect()


def test_only_hashed_files_are_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    with site(tmp_path, WHITEMEDIA_KEEP_ONLY_HASHED_FILES=True) as made:
        made.plant({**FILES, "more.css": b"@import 'app.css';" + TEXT})
        made.collect()
        hashed = set(made.manifest().values())
        coded = {name + suffix for name in hashed if name.endswith(("css", "svg")) for suffix in SUFFIXES}
        assert made.names() == hashed | coded | {"staticfiles.json"}
        assert re.fullmatch(r"/static/app\.[0-9a-f]{12}\.css", staticfiles_storage.url("app.css"))


def test_the_siblings_of_files_that_are_not_kept_go_with_them(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant(FILES)
        made.collect()
        assert made.decoded("app.css")
    with site(tmp_path, WHITEMEDIA_KEEP_ONLY_HASHED_FILES=True) as made:
        made.collect()
        assert made.decoded("app.css") == {}
        assert made.decoded(made.manifest()["app.css"]).keys() == SUFFIXES


@pytest.mark.parametrize("value", [True, False])
def test_the_setting_decides_whether_the_manifest_is_strict(tmp_path: Path, *, value: bool) -> None:
    with override_settings(WHITEMEDIA_MANIFEST_STRICT=value):
        assert CompressedManifestStaticFilesStorage(location=str(tmp_path)).manifest_strict is value


def test_without_the_setting_the_class_decides(tmp_path: Path) -> None:
    class Lenient(CompressedManifestStaticFilesStorage):
        manifest_strict = False

    assert Lenient(location=str(tmp_path)).manifest_strict is False
    assert CompressedManifestStaticFilesStorage(location=str(tmp_path)).manifest_strict is True
