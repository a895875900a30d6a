"""Header fields by precedence: `max_age`, then what is immutable."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.assets.fields import DEFAULT, MODIFIED, PATH, PLACE, URL, build
from whitemedia.assets.hashed_names import PRESETS
from whitemedia.assets.headers import FOREVER, Place, cache_control
from whitemedia.options import HASHED_NAMES, Options

# Options


def test_by_default_four_fields_are_sent() -> None:
    assert build(Options()) == (DEFAULT, MODIFIED, None)


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (Options(max_age=0), "Cache-Control", "max-age=0, public"),
        (Options(max_age=3600), "Cache-Control", "max-age=3600, public"),
        (Options(max_age=None), "Cache-Control", None),
        (Options(allow_all_origins=False), "Access-Control-Allow-Origin", None),
        (Options(charset="latin-1"), "Content-Type", "text/css; charset=latin-1"),
    ],
)
def test_an_option_changes_its_field_alone(options: Options, name: str, value: str | None) -> None:
    fields = dict(build(options).fields)
    assert fields.pop(name, None) == value
    assert fields == {other: same for other, same in DEFAULT if other != name}


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/html; charset=latin-1", "text/html; charset=latin-1"),
        ("image/png", "image/png"),
        ("application/json", "application/json"),
    ],
)
def test_text_alone_gets_a_charset(media_type: str, sent: str) -> None:
    assert build(Options(), media_type).fields[0] == ("Content-Type", sent)


# Cache-Control


@pytest.mark.parametrize("test", ["app", lambda path, url: (path, url) == (PATH, URL)], ids=["regex", "callable"])
@pytest.mark.parametrize("max_age", [0, 60, None])
def test_what_is_immutable_is_kept_for_a_year_whatever_max_age_says(
    test: str | Callable[[str, str], bool], max_age: int | None
) -> None:
    options = Options(max_age=max_age, immutable_file_test=test)  # type: ignore[arg-type]  # a regex becomes a callable
    assert FOREVER == 31_536_000
    assert cache_control(PLACE, options) == [("Cache-Control", "max-age=31536000, public, immutable")]


def test_the_options_name_the_build_tools_whose_names_are_known() -> None:
    assert set(HASHED_NAMES) == PRESETS.keys()


@pytest.mark.parametrize(
    ("url", "preset", "test", "immutable"),
    [
        ("/static/index-BwOPSdeb.js", "vite", None, True),
        ("/static/index-BwOPSdeb.js", "django", None, False),
        ("/static/app.css", "vite", None, False),
        ("/static/app.css", "vite", "app", True),
        ("/static/app.55e7cbb9ba48.css", "django", "nothing", True),
    ],
)
def test_a_name_is_immutable_if_the_preset_or_the_test_says_so(
    url: str, preset: str, test: str | None, *, immutable: bool
) -> None:
    options = Options(immutable=preset, immutable_file_test=test)  # type: ignore[arg-type]
    [(_, value)] = cache_control(Place(PATH, "app", url), options)
    assert value.endswith("immutable") == immutable


def test_what_is_not_immutable_has_max_age() -> None:
    options = Options(max_age=5, immutable_file_test=lambda path, url: False)
    assert cache_control(PLACE, options) == [("Cache-Control", "max-age=5, public")]
