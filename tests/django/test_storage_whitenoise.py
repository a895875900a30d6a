"""What the page says differs from whitenoise's storages does: both collect the same files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import TEXT
from tests.django.collecting import MANIFEST, PLAIN, Site, site
from tests.django.test_storage import change
from whitemedia.django.storage import MissingFileError

THEIRS: Final = {
    PLAIN: "whitenoise.storage.CompressedStaticFilesStorage",
    MANIFEST: "whitenoise.storage.CompressedManifestStaticFilesStorage",
}


def both(
    tmp_path: Path, backend: str, files: Mapping[str, bytes], collect: Callable[[Site], object]
) -> tuple[object, object]:
    """What `collect` makes of the same files, with whitenoise's storage and with ours."""
    found = []
    for number, name in enumerate((THEIRS[backend], backend)):
        (tmp_path / str(number)).mkdir()
        with site(tmp_path / str(number), name) as made:
            made.plant(files)
            found.append(collect(made))
    return found[0], found[1]


def coded(made: Site) -> set[str]:
    """Names of compressed files in the codings that both write."""
    made.collect()
    return {name for name in made.names() if name.endswith((".br", ".gz"))}


@pytest.mark.parametrize("backend", [PLAIN, MANIFEST])
def test_both_compress_the_same_text(tmp_path: Path, backend: str) -> None:
    theirs, ours = both(tmp_path, backend, {"app.css": TEXT, "js/app.js": TEXT, "a.png": TEXT}, coded)
    assert theirs == ours != set()


def test_a_second_run_tells_of_what_is_new(tmp_path: Path) -> None:
    def again(made: Site) -> bool:
        made.collect()
        return "as 'app.css.br'" in made.collect()

    assert both(tmp_path, PLAIN, {"app.css": TEXT}, again) == (True, False)


def test_short_files_are_not_compressed(tmp_path: Path) -> None:
    assert both(tmp_path, PLAIN, {"a.txt": b"a" * 100}, coded) == ({"a.txt.br", "a.txt.gz"}, set())


def test_what_was_there_already_is_compressed_too(tmp_path: Path) -> None:
    def beside(made: Site) -> bool:
        made.root.mkdir()
        (made.root / "other.css").write_bytes(TEXT)
        return "other.css.br" in coded(made)

    assert both(tmp_path, PLAIN, {}, beside) == (False, True)


def test_a_stale_compressed_file_does_not_stay(tmp_path: Path) -> None:
    def stale(made: Site) -> bool:
        made.collect()
        change(made.source / "app.css", b"a{}")
        made.collect()
        return "app.css.br" in made.names()

    assert both(tmp_path, PLAIN, {"app.css": TEXT}, stale) == (True, False)


def test_a_missing_source_map_ends_nothing(tmp_path: Path) -> None:
    def ends(made: Site) -> bool:
        try:
            made.collect()
        except ValueError:
            return True
        return False

    files = {"app.js": b"1\n//# sourceMappingURL=app.js.map\n"}
    assert both(tmp_path, MANIFEST, files, ends) == (True, False)


def test_a_file_outside_is_a_missing_file(tmp_path: Path) -> None:
    def raised(made: Site) -> str:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is asked
            made.collect()
        return caught.type.__name__

    theirs, ours = both(tmp_path, MANIFEST, {"app.css": b"a { background: url(../../x.png) }"}, raised)
    assert (theirs, ours) == ("SuspiciousFileOperation", MissingFileError.__name__)
