"""What whitenoise documents of compressed files: base.rst, "Compression Support". Each claim holds of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from whitenoise.compress import main as compress

from tests.conftest import PREFIX, plant
from tests.migrating.sites import BROTLI, GZIPPED, SCRIPT, Maker, Site

SMALLEST = ("br", BROTLI) if len(BROTLI) < len(GZIPPED) else ("gzip", GZIPPED)


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip", "gzip", GZIPPED),
        ("br", "br", BROTLI),
        ("gzip, deflate", "gzip", GZIPPED),
        ("deflate, br;q=1.0", "br", BROTLI),
        ("gzip, deflate, br", *SMALLEST),
        ("deflate", None, SCRIPT),
        ("identity", None, SCRIPT),
    ],
)
def test_compressed_files_are_sent_where_the_client_accepts_them(
    site: Site, accepted: str, coding: str | None, body: bytes
) -> None:
    """base.rst: "will serve them in preference to the uncompressed version where clients indicate"; smallest first."""
    answer = site.get("/static/app.js", {"Accept-Encoding": accepted})
    assert (answer.headers["Content-Encoding"], answer.body) == (coding, body)
    assert answer.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("fields", [{}, {"Accept-Encoding": ""}], ids=["absent", "empty"])
def test_without_accept_encoding_nothing_is_compressed(site: Site, fields: dict[str, str]) -> None:
    """Changelog 6.0: "Treat empty … values for Accept-Encoding as if the client doesn't support any encoding"."""
    answer = site.get("/static/app.js", fields)
    assert (answer.headers["Content-Encoding"], answer.body) == (None, SCRIPT)


@pytest.mark.parametrize("accepted", ["gzip", "br", "", "deflate"])
def test_what_has_a_compressed_file_varies_on_accept_encoding(site: Site, accepted: str) -> None:
    """index.rst: "handling Accept-Encoding and Vary headers correctly"."""
    assert site.get("/static/app.js", {"Accept-Encoding": accepted}).headers["Vary"] == "Accept-Encoding"


def test_the_media_type_is_that_of_the_original(site: Site) -> None:
    """base.rst: "compressed versions of the original file"."""
    plain, coded = (site.head("/static/app.js", {"Accept-Encoding": accepted}) for accepted in ("", "gzip"))
    assert plain.headers["Content-Type"] == coded.headers["Content-Type"]


def test_http_1_0_clients_are_sent_compressed_files_too(site: Site) -> None:
    """index.rst: "to send gzipped content in response to an HTTP/1.0 request"."""
    answer = site.get("/static/app.js", {"Accept-Encoding": "gzip"}, SERVER_PROTOCOL="HTTP/1.0")
    assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("name", ["archive.tar.gz", "app.js.gz", "app.js.br"])
def test_a_compressed_file_without_its_original_is_a_file_of_its_own(
    make: Maker, tmp_path: Path, name: str
) -> None:
    """base.py, is_compressed_variant: one only if the uncompressed path is a file."""
    answer = make(plant(tmp_path, {name: GZIPPED}), PREFIX).get(PREFIX + name, {"Accept-Encoding": "gzip, br"})
    assert (answer.headers["Content-Encoding"], answer.body) == (None, GZIPPED)


def test_what_is_compressed_already_is_not_compressed_again(make: Maker, tmp_path: Path) -> None:
    """base.rst, whitenoise.compress: "jpg, jpeg, png, gif, webp, zip, gz, … woff, woff2" are excluded."""
    names = [f"a.{extension}" for extension in ("jpg", "png", "gif", "webp", "zip", "tgz", "mp4", "woff", "woff2")]
    site = make(plant(tmp_path, dict.fromkeys(names, SCRIPT)), PREFIX)
    for name in names:
        answer = site.get(PREFIX + name, {"Accept-Encoding": "gzip, br"})
        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (None, None)


def test_what_whitenoises_command_has_compressed_is_sent(make: Maker, tmp_path: Path) -> None:
    """base.rst: "a command line utility which will generate compressed versions of your files for you"."""
    plant(tmp_path, {"app.js": SCRIPT, "picture.png": SCRIPT})
    compress([str(tmp_path), "--quiet"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.js", "app.js.br", "app.js.gz", "picture.png"]
    for coding, suffix in (("gzip", ".gz"), ("br", ".br")):
        answer = make(tmp_path).get("/app.js", {"Accept-Encoding": coding})
        assert (answer.headers["Content-Encoding"], answer.content) == (coding, SCRIPT)
        assert answer.body == (tmp_path / f"app.js{suffix}").read_bytes()
