"""Construction: where ours parts from whitenoise on purpose. Each docstring is the page's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from whitenoise import WhiteNoise

from tests.conftest import application
from tests.migrating.sites import DIGITS, Maker, Site
from whitemedia import OptionError, WhiteMedia


@pytest.mark.parametrize(
    "options",
    [
        {"max_age": "3600"},
        {"max_age": 0.5},
        {"max_age": -1},
        {"index_file": ""},
        {"charset": ""},
        {"mimetypes": {".foo": "foo"}},
        {"allow_all_origins": 1},
        {"prefix": "static?v=1"},
        {"prefix": "https://example.com/static/"},
        {"root": ""},
    ],
    ids=str,
)
def test_what_whitenoise_lets_pass_raises(root: Path, options: dict[str, Any]) -> None:
    """A wrong option raises `OptionError`."""
    given = {"root": root, **options}
    [name] = options
    with pytest.raises(OptionError, match=f"^{name}="):
        WhiteMedia(application, **given)
    if name != "root":  # whitenoise would serve the working directory
        WhiteNoise(application, **given)


def test_an_unknown_option_raises(root: Path) -> None:
    """A wrong option raises `OptionError`."""
    with pytest.raises(OptionError, match="did you mean max_age"):
        Maker("whitemedia")(root, maxage=60)
    with pytest.raises(TypeError):
        Maker("whitenoise")(root, maxage=60)


def test_a_missing_directory_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Messages go to the log."""
    missing = tmp_path / "missing"
    Maker("whitemedia")(missing)
    assert f"{str(missing)!r} does not exist" in caplog.text
    with pytest.warns(UserWarning, match="No directory at"):
        Maker("whitenoise")(missing)
    with pytest.raises(OptionError, match="does not exist"):
        Maker("whitemedia")(missing, strict=True)


def test_an_application_is_required(root: Path) -> None:
    """An application is required."""
    assert Site(WhiteNoise(None, root)).get("/digits.txt").body == DIGITS
    with pytest.raises(OptionError, match="application"):
        Maker("whitemedia").wrap(None, root)


def test_attributes_set_later_change_nothing(root: Path) -> None:
    """Options are arguments."""
    ages = []
    for name in ("whitemedia", "whitenoise"):
        site = Maker(name)()
        site.middleware.max_age = 5
        site.middleware.add_files(root)
        ages.append(site.head("/digits.txt").headers["Cache-Control"])
    assert ages == ["max-age=60, public", "max-age=5, public"]


def test_methods_of_a_subclass_are_no_options(root: Path) -> None:
    """Options are arguments."""

    class Mixin:
        def immutable_file_test(self, path: str, url: str) -> bool:
            return True

    ours: Any = type("Ours", (Mixin, WhiteMedia), {})
    theirs: Any = type("Theirs", (Mixin, WhiteNoise), {})
    given = [Site(kind(application, root)).head("/digits.txt").headers["Cache-Control"] for kind in (ours, theirs)]
    assert given == ["max-age=60, public", "max-age=315360000, public, immutable"]


def test_options_may_differ_between_roots(root: Path) -> None:
    """Options are arguments."""
    site = Maker("whitemedia")(root, "/static/")
    site.middleware.add_files(root, "/assets/", max_age=3600)
    for path, age in (("/static/digits.txt", 60), ("/assets/digits.txt", 3600)):
        assert site.head(path).headers["Cache-Control"] == f"max-age={age}, public"
