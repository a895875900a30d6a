"""A signed URL opens one file until it expires, however it is spelled; nothing that is made of it opens anything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers import Answer
from tests.conftest import Client, plant
from whitemedia import WhiteMedia
from whitemedia.media.signing import UrlSigner

if TYPE_CHECKING:
    from tests.media.conftest import ServeMedia
    from whitemedia.media.options import MediaFields, Secrets

NOW: Final = 1_800_000_000.0
URL: Final = "/media/d/a.txt"
FILES: Final = {
    "d/a.txt": b"inside",
    "b.txt": b"another",
    "ü b.txt": b"name",
    "a+b&c=d.txt": b"name",
    "%61": b"name",
}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)


class Site(NamedTuple):
    """Files that are had by signed URLs alone."""

    client: Client
    middleware: WhiteMedia

    def sign(self, url: str = URL, expires_in: float = 60) -> str:
        return self.middleware.sign(url, expires_in)

    def get(self, url: str, method: str = "GET", **environ: Any) -> Answer:
        """What a server makes of a URL."""
        parts = urlsplit(url)
        path_info = unquote_to_bytes(parts.path).decode("latin-1")
        return self.client.request(method, "/", {}, PATH_INFO=path_info, QUERY_STRING=parts.query, **environ)


@pytest.fixture
def site(media: Path, serve_media: ServeMedia) -> Site:
    return build(media, serve_media, sign_with="a secret")


def build(media: Path, serve_media: ServeMedia, **options: Any) -> Site:
    plant(media, FILES)
    client = serve_media(**options)
    middleware: Any = client.application
    return Site(client, middleware)


def fields_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


# What is signed


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signed_url_opens_its_file(site: Site, name: str, method: str) -> None:
    answer = site.get(site.sign(f"/media/{quote(name)}"), method)
    assert (answer.status, answer.body) == (200, b"" if method == "HEAD" else FILES[name])
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "url",
    [
        "/media/d/a.txt",
        "/media/%64/%61.txt",
        "/media/d%2Fa.txt",
        "/%6d%65dia/d/a.txt",
        "https://example.com/media/d/a.txt",
        "//cdn.example/media/d/a.txt",
        "/media/d/a.txt?download=1",
        "/media/d/a.txt?a=%20b&c",
        "/media/d/a.txt#page=2",
    ],
)
def test_the_url_stays_as_it_is_but_for_two_fields(site: Site, url: str) -> None:
    before, after = urlsplit(url), urlsplit(site.sign(url))
    assert after._replace(query="") == before._replace(query="")
    fields = parse_qsl(after.query, keep_blank_values=True)
    assert fields[:-2] == parse_qsl(before.query, keep_blank_values=True)
    assert [name for name, _ in fields[-2:]] == ["expires", "signature"]
    assert site.get(site.sign(url)).body == b"inside"


@pytest.mark.parametrize("signed", ["/media/d/a.txt", "/media/%64/a.txt", "/media/d%2fa.txt"])
@pytest.mark.parametrize("asked", ["/media/d/a.txt", "/media/%64/a.txt", "/media/d/%61%2etxt"])
def test_all_spellings_of_a_path_have_one_signature(site: Site, signed: str, asked: str) -> None:
    assert site.get(f"{asked}?{urlsplit(site.sign(signed)).query}").body == b"inside"


@pytest.mark.parametrize("extra", ["a=b&{}", "{}&a=b", "{}&", "&{}", "x&{}&y=%ff%00&=z", "Expires=1&{}"])
def test_other_fields_of_the_query_do_not_matter(site: Site, extra: str) -> None:
    query = urlsplit(site.sign()).query
    assert site.get(f"{URL}?{extra.format(query)}").status == 200


def test_signing_again_replaces_the_old_signature(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the fields of a link that has expired would else stand beside the new ones, and no such link be had."""
    url = f"{site.sign(URL + '?a=b&expires&%65xpires=1')}#top"
    monkeypatch.setattr("time.time", lambda: NOW + 100)
    assert site.get(url).status == 403
    again = site.sign(url)
    assert site.get(again).status == 200
    assert again.startswith(f"{URL}?a=b&expires=")
    assert [name for name, _ in parse_qsl(urlsplit(again).query)] == ["a", "expires", "signature"]


def test_beneath_a_mount_point_the_path_is_signed_without_it(site: Site) -> None:
    url = f"/app{site.sign()}"
    answer = site.get(url.removeprefix("/app"), SCRIPT_NAME="/app")
    assert answer.body == b"inside"


# Until it expires


@pytest.mark.parametrize(
    ("expires_in", "later", "status"),
    [
        (60, 0, 200),
        (60, 59.9, 200),
        (60, 60, 403),
        (60, 1e6, 403),
        (0.001, 0, 200),
        (0.5, 1, 403),
        (60, -1e6, 200),
    ],
)
def test_a_signed_url_opens_its_file_until_it_expires(
    site: Site, monkeypatch: pytest.MonkeyPatch, expires_in: float, later: float, status: int
) -> None:
    url = site.sign(expires_in=expires_in)
    monkeypatch.setattr("time.time", lambda: NOW + later)
    assert site.get(url).status == status


# What is made of it

TAMPERED: Final = {
    "no query": lambda expires, signature: "",
    "no signature": lambda expires, signature: f"expires={expires}",
    "no time": lambda expires, signature: f"signature={signature}",
    "a later time": lambda expires, signature: f"expires={int(expires) + 1}&signature={signature}",
    "a time of the same value": lambda expires, signature: f"expires=0{expires}&signature={signature}",
    "a time with a sign": lambda expires, signature: f"expires=%2B{expires}&signature={signature}",
    "a time with a space": lambda expires, signature: f"expires={expires}+&signature={signature}",
    "a time with a line feed": lambda expires, signature: f"expires={expires}%0A&signature={signature}",
    "a time with an underscore": lambda expires, signature: f"expires=1_{expires[1:]}&signature={signature}",
    "a time in other digits": lambda expires, signature: f"expires=%D9%A1{expires[1:]}&signature={signature}",
    "a fraction": lambda expires, signature: f"expires={expires}.0&signature={signature}",
    "an endless time": lambda expires, signature: f"expires={'9' * 100_000}&signature={signature}",
    "an empty time": lambda expires, signature: f"expires=&signature={signature}",
    "two times": lambda expires, signature: f"expires={expires}&expires={expires}&signature={signature}",
    "two times, one empty": lambda expires, signature: f"expires={expires}&expires=&signature={signature}",
    "two times, one spelled out": lambda expires, signature: (
        f"expires={expires}&%65xpires=1&signature={signature}"
    ),
    "two signatures": lambda expires, signature: f"expires={expires}&signature={signature}&signature={signature}",
    "an empty signature": lambda expires, signature: f"expires={expires}&signature=",
    "another signature": lambda expires, signature: f"expires={expires}&signature={'A' * len(signature)}",
    "another first letter": lambda expires, signature: (
        f"expires={expires}&signature={'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    ),
    "part of the signature": lambda expires, signature: f"expires={expires}&signature={signature[:-2]}",
    "more than the signature": lambda expires, signature: f"expires={expires}&signature={signature}AAAA",
    "a signature in upper case": lambda expires, signature: f"expires={expires}&signature={signature.upper()}",
    "a signature that is no ASCII": lambda expires, signature: f"expires={expires}&signature=%C3%BC{signature}",
    "a signature of bytes": lambda expires, signature: f"expires={expires}&signature=%ff%fe{signature}",
    "raw bytes": lambda expires, signature: f"expires={expires}&signature=\xff{signature}",
    "a huge signature": lambda expires, signature: f"expires={expires}&signature={'A' * 1_000_000}",
    "names in upper case": lambda expires, signature: f"EXPIRES={expires}&SIGNATURE={signature}",
    "semicolons": lambda expires, signature: f"expires={expires};signature={signature}",
    "a thousand fields": lambda expires, signature: f"{'a&' * 1000}expires={expires}&signature={signature}",
    "half an escape": lambda expires, signature: f"expires={expires}&signature={signature}%4",
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_a_query_that_was_not_signed_for_opens_nothing(site: Site, change: Any) -> None:
    query = change(*fields_of(site.sign()).values())
    assert site.get(f"{URL}?{query}").status == 403


@pytest.mark.parametrize(
    "path", ["/media/b.txt", "/media/d/a.tx", "/media/d/a.txtx", "/media/D/a.txt", "/media/d"]
)
def test_a_signature_is_for_no_other_file(site: Site, path: str) -> None:
    assert site.get(f"{path}?{urlsplit(site.sign()).query}").status == 403


def test_a_signature_is_for_no_other_root_of_the_same_secret(site: Site, media: Path) -> None:
    site.middleware.add_media(media, "/other/", sign_with="a secret")
    assert site.get(site.sign("/other/d/a.txt")).status == 200
    assert site.get(site.sign("/media/d/a.txt").replace("/media/", "/other/")).status == 403


@given(query=st.one_of(st.text(max_size=60), st.text(st.sampled_from("expires=ignatu&%;+0123"), max_size=60)))
def test_no_query_raises_or_opens_anything(query: str) -> None:
    assert not UrlSigner([b"a secret"]).admits(URL, query, NOW)


def test_a_server_that_gives_no_query_is_refused(site: Site) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": URL}
    response = site.middleware.table.live_at(URL)(environ)  # type: ignore[misc]
    assert response is not None
    assert response.status == "403 Forbidden"


# Secrets


@pytest.mark.parametrize(
    ("signing", "verifying", "status"),
    [
        ("a", "a", 200),
        ("a", b"a", 200),
        ("ü", "ü".encode(), 200),
        ("a", "b", 403),
        ("a", ["a"], 200),
        ("a", ["a", "b"], 200),
        ("a", ["b", "a"], 200),
        (["a", "b"], "b", 200),
        (["a", "b"], "a", 403),
        ("a", iter(["a", "b"]), 200),
        ("a", "ab", 403),
    ],
    ids=lambda value: "iterator" if isinstance(value, Iterator) else ascii(value),
)
def test_the_last_secret_signs_and_all_verify(
    media: Path, serve_media: ServeMedia, signing: Secrets, verifying: Secrets, status: int
) -> None:
    url = build(media, serve_media, sign_with=signing).sign()
    assert build(media, serve_media, sign_with=verifying).get(url).status == status


# Beside authorize


@pytest.mark.parametrize(("authorized", "signed", "status"), [(0, 0, 403), (0, 1, 200), (1, 0, 200), (1, 1, 200)])
def test_a_signature_or_authorize_lets_a_request_have_a_file(
    media: Path, serve_media: ServeMedia, authorized: int, signed: int, status: int
) -> None:
    options: MediaFields = {"sign_with": "a secret", "authorize": lambda environ, name: bool(authorized)}
    site = build(media, serve_media, **options)
    assert site.get(site.sign() if signed else URL).status == status


def test_who_has_a_signed_url_is_not_asked_about(media: Path, serve_media: ServeMedia) -> None:
    def authorize(environ: object, name: str) -> bool:
        raise AssertionError(name)

    site = build(media, serve_media, sign_with="a secret", authorize=authorize)
    assert site.get(site.sign()).status == 200
