"""Names with a version in them, and names that only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.versions import LENGTH, split_version, version_of, with_version

VERSION = "0123456789ab"
NAMES = [
    ("css/app.css", f"css/app.{VERSION}.css"),
    ("app.min.js", f"app.min.{VERSION}.js"),
    ("app.css.map", f"app.css.{VERSION}.map"),
    ("LICENSE", f"LICENSE.{VERSION}"),
    ("/static/.well-known/a", f"/static/.well-known/a.{VERSION}"),
    (".env", f".env.{VERSION}"),
    ("a.b/c", f"a.b/c.{VERSION}"),
    ("a b/c d.txt", f"a b/c d.{VERSION}.txt"),
    ("new\nline.css", f"new\nline.{VERSION}.css"),
]


@pytest.mark.parametrize(("plain", "versioned"), NAMES)
def test_a_version_stands_before_the_extension(plain: str, versioned: str) -> None:
    assert with_version(plain, VERSION) == versioned
    assert split_version(versioned) == (plain, VERSION)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "app.css",
        f"{VERSION}.css",
        f".{VERSION}.css",
        f"/.{VERSION}.css",
        f"app.{VERSION[1:]}.css",
        f"app.{VERSION}0.css",
        f"app.{VERSION.upper()}.css",
        f"app.{VERSION}.min.css",
        f"app.{VERSION}/css",
        f"app.{VERSION}.c/ss",
        f"app-{VERSION}.css",
        "app.０１２３４５６７８９ab.css",
        f"app.{VERSION}.css\n/",
    ],
)
def test_what_only_looks_like_one_has_no_version(path: str) -> None:
    assert split_version(path) is None


@given(st.text(min_size=1).filter(lambda name: not name.endswith("/")), st.binary(min_size=32, max_size=32))
def test_what_was_put_together_comes_apart(path: str, digest: bytes) -> None:
    version = version_of(digest)
    assert len(version) == LENGTH
    assert split_version(with_version(path, version)) == (path, version)
