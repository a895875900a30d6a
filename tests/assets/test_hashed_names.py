"""A name is held for a year only if a build tool put a hash of its content there, and it cannot be mistaken.

`hashed_names/` has names that the tools really wrote: `+` for a hash that is recognised, `?` for one that is not, as
it reads like words or numbers, `-` for a name without one.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.hashed_names import PRESETS

WRITTEN = Path(__file__).with_name("hashed_names")
ROWS = [
    (preset, line[0], line[2:])
    for preset in PRESETS
    for line in (WRITTEN / f"{preset}.txt").read_text(encoding="utf-8").splitlines()
]

every_preset = pytest.mark.parametrize("preset", PRESETS)


def written(mark: str) -> pytest.MarkDecorator:
    rows = [(preset, url) for preset, marked, url in ROWS if marked == mark]
    return pytest.mark.parametrize(("preset", "url"), rows, ids=[" ".join(row) for row in rows])


@written("+")
def test_a_name_that_the_tool_hashed_is_recognised(preset: str, url: str) -> None:
    assert PRESETS[preset](url)
    assert PRESETS[preset]("/static/dist" + url)


@written("?")
def test_a_hash_that_reads_like_words_or_numbers_is_left(preset: str, url: str) -> None:
    assert not PRESETS[preset](url)


@written("-")
def test_a_name_that_the_tool_left_is_not_recognised(preset: str, url: str) -> None:
    assert not PRESETS[preset](url)


LOOK_ALIKES = [
    "user-settings.css",
    "some-userData.js",
    "lodash-min-file.js",
    "jquery-migrate1.js",
    "jquery.validate.js",
    "My-Document.pdf",
    "README-CHANGELO.md",
    "ISSUE-TEMPLATE.png",
    "logo-FACEBOOK.svg",
    "README-CHANGELO.js",
    "Inter-SemiBold.woff2",
    "x-IMG_1234.jpg",
    "photo-20240101.jpg",
    "photo-20240101.js",
    "app.20240101.js",
    "app-01022024.css",
    "app.20240101.min.js",
    "app.12345678.jpg",
    "photo-12345678.jpg",
    "invoice.12345678901234.pdf",
    "backup.202401011230.sql",
    "app.1700000000.js",
    "frame.00000012.png",
    "banner-1024x768.png",
    "banner-64x32-2x.png",
    "theme-light-v2.css",
    "Report-Jan-2024.json",
    "react.production.min.js",
    "bootstrap.bundle.min.js",
    "jquery-3.7.1.min.js",
    "v1.2.3",
    "v1.2.3.tar.gz",
    "x.deadbeef",
    "x.deadbeef.js",
    "x-deadbeef.js",
    "x-DEADBEEF.js",
    "x-CAFEBABE.js",
    "messages-en-US.json",
    "Settings.js",
    "settings.js",
    "index.html",
    ".well-known",
    ".js",
    "2524d4bb-48ad-4c1c-8e5b-77cf1bd0f1a4.png",
    "2524d4bb48ad4c1c8e5b77cf1bd0f1a4.png",
    "user-2524d4bb48ad4c1c8e5b77cf1bd0f1a4.png",
    "507f1f77bcf86cd799439011.jpg",
    "user-507f1f77bcf86cd799439011.jpg",
    "d3b07384d113edec49eaa6238ad5ff00.jpg",
]


@every_preset
@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_only_looks_like_a_hash_is_not_taken_for_one(preset: str, name: str) -> None:
    assert not PRESETS[preset](name)
    assert not PRESETS[preset]("/static/assets/" + name)


@every_preset
def test_a_directory_called_like_a_hashed_file_says_nothing_of_what_is_in_it(preset: str) -> None:
    for written_by, mark, url in ROWS:
        if written_by == preset and mark == "+":
            assert not PRESETS[preset](url.replace("/_app/immutable/", "/") + "/app.js")
            assert not PRESETS[preset](url.replace("/_app/immutable/", "/") + "/")


# What stands to the left is recognised; to the right it differs in one point
PAIRS = {
    "vite": [
        ("/assets/index-Dq3d2x8z.js", "/assets/index_Dq3d2x8z.js"),
        ("/assets/index-Dq3d2x8z.js", "/assets/indexDq3d2x8z.js"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8.js"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8zA.js"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8z"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8z.html"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8z.js.txt"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8z.min.js"),
        ("/assets/index-Dq3d2x8z.js", "/assets/index-Dq3d2x8é.js"),
        ("/assets/guide.md.Dq3d2x8z.lean.js", "/assets/guide.md.Dq3d2x8z.leaner.js"),
        ("/assets/index-Bl8date7.js", "/assets/index-Al8date7.js"),
        ("/assets/index-Bq3dux8z.js", "/assets/index-bq3ductz.js"),
        ("/_nuxt/Dq3d2x8z.js", "/assets/Dq3d2x8z.js"),
        ("/_nuxt/Dq3d2x8z.js", "/_nuxt/manifest.json"),
        ("/_astro/pic.CQ7KLpL9_ddXmz.avif", "/assets/pic.CQ7KLpL9_ddXmz.avif"),
        ("/_astro/pic.CQ7KLpL9_ddXmz.avif", "/_astro/pic.CQ7KLpL9_ddXmzddX.avif"),
        ("/_app/immutable/settings.js", "/_app/settings.js"),
        ("/assets/index-12345678.js", "/assets/index-12345678.png"),
        ("/assets/index-12345678.js", "/assets/index-19991231.js"),
        ("/assets/index-12345678.js", "/assets/index-31122024.js"),
        ("/assets/index-12345678.woff2", "/assets/index-12345678.svg"),
    ],
    "webpack": [
        ("/main.073c9b0a.js", "/main_073c9b0a.js"),
        ("/main.073c9b0a.js", "/main.073c9b0.js"),
        ("/main.073c9b0a.js", "/main.073c9b0g.js"),
        ("/main.073c9b0a.js", "/main.073c9b0a"),
        ("/main.073c9b0a.js", "/073c9b0a.js"),
        ("/main.073c9b0a.js", "/main.073C9B0A.js"),
        ("/main.20240101.073c9b0a.js", "/main.20240101.js"),
        ("/main-5171f1a238ca1df0f15a.js", "/main-5171f1a238ca1df0f15ab.js"),
        ("/main-2bd70a1fa238ca1df0f12bd70a1fa238.js", "/main-2bd70a1fa238ca1df0f12bd70a1fa2389.js"),
        ("/main-2bd70a1fa2384a1dc0f12bd70a1fa238.js", "/main-2bd70a1fa2384a1d80f12bd70a1fa238.js"),
        ("/5171f1a238ca1df0f15a.png", "/5171f1a238ca1df0f15.png"),
        ("/5171f1a238ca1df0f15a.png", "/51712123812312304154.png"),
        ("/48ad-77cf1bd0f1a4.png", "/2524d4bb-48ad-4c1c-8e5b-77cf1bd0f1a4.png"),
        ("/main.12345678.chunk.css.map", "/main.12345678.chunk.json.map"),
        ("/main.12345678.js", "/main.1234567890.js"),
        ("/main.073c9b0a.chunk.js.LICENSE.txt", "/main.073c9b0a.chunk.js.LICENSE.txt.old"),
    ],
    "esbuild": [
        ("/chunk-BUSYA2B4.js", "/chunk.BUSYA2B4.js"),
        ("/chunk-BUSYA2B4.js", "/BUSYA2B4.js"),
        ("/chunk-BUSYA2B4.js", "/chunk-BUSYA2B.js"),
        ("/chunk-BUSYA2B4.js", "/chunk-BUSYA2BA4.js"),
        ("/chunk-BUSYA2B4.js", "/chunk-BUSYA2B8.js"),
        ("/chunk-BUSYA2B4.js", "/chunk-busya2b4.js"),
        ("/chunk-BUSYA2B4.js", "/chunk-BUSYA2B4.html"),
        ("/chunk-BXSYAXBX.js", "/chunk-BALLROOM.js"),
        ("/chunk-BXSYAXBX.js.LEGAL.txt", "/chunk-BXSYAXBX.js.LICENSE.txt"),
    ],
    "parcel": [
        ("/main.073c9b0a.js", "/main-073c9b0a.js"),
        ("/main.073c9b0a.js", "/073c9b0a.js"),
        ("/main.073c9b0a.js", "/main.073c9b0ab.js"),
        ("/main.073c9b0a.js", "/main.073c9b0a"),
        ("/main.073c9b0a.js", "/main.073c9b0a.min.js"),
        ("/main.12345678.js.map", "/main.12345678.json"),
        ("/main.12345678.js.map", "/main.20241231.js.map"),
    ],
    "django": [
        ("/app.6d7fce9fee47.js", "/app-6d7fce9fee47.js"),
        ("/app.6d7fce9fee47.js", "/app.6d7fce9fee4.js"),
        ("/app.6d7fce9fee47.js", "/app.6d7fce9fee471.js"),
        ("/app.6d7fce9fee47.js", "/app.6d7fce9fee47.min.js"),
        ("/app.6d7fce9fee47", "/.6d7fce9fee47"),
        ("/app.6d7fce9fee47", "/app.abcdefabcdef"),
        ("/app.6d7fce9fee47.js", "/app.202401011230.js"),
    ],
}


@pytest.mark.parametrize(
    ("preset", "hashed", "other"),
    [(preset, *pair) for preset, pairs in PAIRS.items() for pair in pairs],
    ids=lambda value: value,
)
def test_place_length_and_digits_must_all_be_the_tools(preset: str, hashed: str, other: str) -> None:
    assert PRESETS[preset](hashed)
    assert not PRESETS[preset](other)


HEX = string.hexdigits[:16]
BASE64 = string.ascii_letters + string.digits + "-_"
SIMULATED: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "vite": ("vite", lambda rng: f"/assets/index-{_as_a_number(rng)}.js"),
    "nuxt": ("vite", lambda rng: f"/_nuxt/{_as_a_number(rng)}.js"),
    "vite 4": ("vite", lambda rng: f"/assets/index-{_digits(rng, HEX, 8)}.js"),
    "webpack, short": ("webpack", lambda rng: f"/main.{_digits(rng, HEX, 8)}.chunk.js"),
    "webpack": ("webpack", lambda rng: f"/main.{_digits(rng, HEX, 20)}.js"),
    "webpack, alone": ("webpack", lambda rng: f"/{_digits(rng, HEX, 20)}.png"),
    "esbuild": ("esbuild", lambda rng: f"/chunk-{_digits(rng, string.ascii_uppercase + '234567', 8)}.js"),
    "parcel": ("parcel", lambda rng: f"/index.{_digits(rng, HEX, 8)}.css"),
    "django": ("django", lambda rng: f"/logo.{_digits(rng, HEX, 12)}.png"),
}


def _digits(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _as_a_number(rng: random.Random) -> str:
    """128 bits as Rollup writes them: base 64, without leading zeros, cut."""
    number, digits = rng.getrandbits(128), ""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    while number:
        number, digit = divmod(number, 64)
        digits = alphabet[digit] + digits
    return digits[:8]


@pytest.mark.parametrize("tool", SIMULATED)
def test_of_a_hundred_hashes_ninety_nine_are_recognised(tool: str) -> None:
    preset, emit = SIMULATED[tool]
    rng = random.Random(tool)
    assert sum(PRESETS[preset](emit(rng)) for _ in range(20_000)) >= 19_800


@every_preset
@given(
    name=st.text(), tail=st.sampled_from(["", ".js", ".js.map", "-Dq3d2x8z.js", ".073c9b0a.js", ".6d7fce9fee47"])
)
def test_any_name_has_an_answer(preset: str, name: str, tail: str) -> None:
    assert PRESETS[preset](f"/static/{name}{tail}") in (True, False)


@every_preset
@pytest.mark.parametrize("part", [".", "-", "-a", ".073c9b0a", "-Dq3d2x8z.js", "0", "a.js", "_", "A", ".a.a.a.a"])
def test_a_name_of_a_million_characters_is_read_once(preset: str, part: str) -> None:
    """Whoever reads it again from each of its characters never ends."""
    assert not PRESETS[preset]("/" + part * (1_000_000 // len(part)) + "!")


def test_the_presets_are_the_five_tools_and_nobody_adds_to_them() -> None:
    assert set(PRESETS) == {"vite", "webpack", "esbuild", "parcel", "django"}
    with pytest.raises(TypeError):
        PRESETS["vite"] = bool  # type: ignore[index]
