"""The application under test: a tree of files, and a client that calls it in process and judges every answer."""

from __future__ import annotations

import gc
import gzip
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from wsgiref.headers import Headers
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import brotli
import pytest
from hypothesis import settings

from tests.answers import Answer, judge
from whitemedia import WhiteMedia
from whitemedia.assets import validators
from whitemedia.assets.codings import CODINGS
from whitemedia.assets.packs import SUFFIX
from whitemedia.http.versions import split_version

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

    from whitemedia.assets.resource import Entry
    from whitemedia.options import OptionFields

settings.register_profile("whitemedia", deadline=None)
settings.load_profile("whitemedia")

MODIFIED: Final = 1_700_000_000
MODIFIED_DATE: Final = "Tue, 14 Nov 2023 22:13:20 GMT"
PREFIX: Final = "/static/"
SECRET: Final = b"the secret that lies outside the root, or hidden in it"
TEXT: Final = "".join(f"/* {number}: für {number * number} Füße */\n" for number in range(200)).encode()
FILES: Final = MappingProxyType(
    {
        "app.css": TEXT,
        "app.js": b"// script\n" + TEXT,
        "lib.js": b"// library\n" + TEXT,
        "page.html": b"<!doctype html>" + TEXT,
        "data.json": b'{"text": "' + TEXT[:3000].replace(b"\n", b" ") + b'"}',
        "logo.svg": b"<svg>" + TEXT[:3000] + b"</svg>",
        "digits.txt": b"0123456789",
        "one.txt": b"1",
        "empty.txt": b"",
        "picture.png": random.Random(1).randbytes(5000),
        "large.bin": random.Random(2).randbytes((3 << 19) + 1),
        "docs/index.html": b"<!doctype html><title>Documents</title>",
        "docs/über uns.txt": "Über uns: ein Satz.".encode(),
        ".well-known/security.txt": b"Contact: mailto:security@example.com\n",
        ".env": SECRET,
        ".git/config": SECRET,
        "notes.txt~": SECRET,
    }
)
"""What is in the root, by name. `lib.js` also has a sibling in each coding; `large.bin` is never held in memory."""

BR_LIB: Final = brotli.compress(FILES["lib.js"])
GZIP_LIB: Final = gzip.compress(FILES["lib.js"], 9, mtime=0)
ZSTD_LIB: Final = CODINGS[1].encode(FILES["lib.js"], 3)

CONSTRUCTIONS: Final[Mapping[str, OptionFields]] = MappingProxyType(
    {
        "memory": {"cache_dir": None},
        "store": {"cache_dir": "auto"},
        "compress=off": {"compress": "off", "cache_dir": None},
        "memory_limit=0": {"memory_limit": 0, "cache_dir": None},
        "autorefresh": {"autorefresh": True},
    }
)
"""Every way in which the same files are answered alike, but for the codings that are made at start."""

every_construction = pytest.mark.parametrize("construction", CONSTRUCTIONS)
every_table = pytest.mark.parametrize("construction", [name for name in CONSTRUCTIONS if name != "autorefresh"])


UNMEASURED: Final = (
    *("autorefresh", "generated", "hostile", "integration", "migrating", "peers"),
    *(
        "django/test_http_rules.py",
        "test_floors.py",
        "test_middleware_cors.py",
        "assets/test_disk_store_rewriting.py",
    ),
    *(f"test_http_rules_{rule}.py" for rule in ("codings", "general", "methods", "preconditions", "ranges")),
)
"""Where many tests run the same lines, or other processes do: measuring those would take most of the time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage where it tells nothing."""
    places = tuple(Path(__file__).parent / place for place in UNMEASURED)
    for item in items:
        if any(item.path.is_relative_to(place) for place in places):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of garbage collection, which would look through them again and again."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """What is remembered for the user is remembered elsewhere in all tests, and in the processes that they start."""
    cache = tempfile.TemporaryDirectory(prefix="whitemedia-", ignore_cleanup_errors=True)
    config.add_cleanup(cache.cleanup)
    os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = cache.name
    if sys.platform == "darwin":
        os.environ["HOME"] = cache.name


class Client:
    """Calls an application as a server would, and judges what must hold of every answer.

    With `validated` the application stands inside `wsgiref.validate.validator`, which knows only registered methods
    and paths that begin with a slash.
    """

    def __init__(self, application: WSGIApplication, *, validated: bool = True) -> None:
        self.application = application
        self._called = validator(application) if validated else application

    def get(self, path: str, fields: Mapping[str, str] = MappingProxyType({}), **environ: object) -> Answer:
        return self.request("GET", path, fields, **environ)

    def head(self, path: str, fields: Mapping[str, str] = MappingProxyType({}), **environ: object) -> Answer:
        return self.request("HEAD", path, fields, **environ)

    def request(
        self, method: str, path: str, fields: Mapping[str, str] = MappingProxyType({}), **environ: object
    ) -> Answer:
        """Request a path, decoded; `environ` adds to the environ or replaces what is there."""
        answer = call(self._called, make_environ(method, path, fields, **environ))
        judge(method, answer)
        return answer


def whitemedia_of(client: Client) -> WhiteMedia:
    """The WhiteMedia that a client asks."""
    assert isinstance(client.application, WhiteMedia)
    return client.application


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The application behind: it says what it was asked."""
    body = f"{environ['REQUEST_METHOD']!a} {environ['PATH_INFO']!a}".encode("ascii")
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("X-Application", "here")]
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def construct(
    application: WSGIApplication,
    root: Path,
    prefix: str = PREFIX,
    *,
    construction: str = "memory",
    **options: Unpack[OptionFields],
) -> WhiteMedia:
    """WhiteMedia in front of an application; with a store, as it is after a restart."""
    merged: OptionFields = {**CONSTRUCTIONS[construction], **options}
    if construction == "store":
        merged["cache_dir"] = tempfile.mkdtemp(dir=os.environ["XDG_CACHE_HOME"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(validators, "SETTLED_NS", 0)  # files that a test has just written are remembered
            WhiteMedia(application, root, prefix, **merged)
    return WhiteMedia(application, root, prefix, **merged)


def serve(
    root: Path, prefix: str = PREFIX, *, construction: str = "memory", **options: Unpack[OptionFields]
) -> Client:
    """A client of WhiteMedia in front of `application`, with a validator on both sides of WhiteMedia."""
    return Client(construct(validator(application), root, prefix, construction=construction, **options))


def make_environ(
    method: str, path: str, fields: Mapping[str, str] = MappingProxyType({}), **environ: object
) -> dict[str, Any]:
    """The environ of a request for a decoded path."""
    made: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": "",
    }
    made |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
    made |= environ
    setup_testing_defaults(made)
    return made


def call(application: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """Call, read the body to its end, close it once: what PEP 3333 asks of a server."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., Any]:
        started.append((status, headers))
        return lambda data: None

    body = drain(application(environ, start_response))
    [(status, headers)] = started
    assert re.fullmatch("[1-5][0-9]{2} [ -~]+", status)
    return Answer(int(status[:3]), Headers(headers), body)


def plain(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries of a table but those whose names say their version."""
    versions = {path: split_version(path) for path in entries}
    return {path: entries[path] for path, split in versions.items() if split is None or split[0] not in entries}


def drain(body: Iterable[bytes]) -> bytes:
    """All bytes of a body, which is closed once, also where reading it fails."""
    try:
        return b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def plant(directory: Path, files: Mapping[str, bytes], modified: float = MODIFIED) -> Path:
    """Write files, with folders as needed, all of one modification time."""
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (modified, modified))
    return directory


def plant_tree(directory: Path) -> Path:
    """The whole tree: FILES, and siblings of `lib.js`."""
    return plant(directory, {**FILES, "lib.js.br": BR_LIB, "lib.js.gz": GZIP_LIB, "lib.js.zst": ZSTD_LIB})


def open_descriptors() -> int:
    """How many descriptors this process has open, but for those of packs: they close when a store is collected."""
    return sum(not _is_of_pack(f"/dev/fd/{name}") for name in os.listdir("/dev/fd"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root of one's own, to be changed, with a secret beside it in `outside/`."""
    plant(tmp_path / "outside", {"secret.txt": SECRET, "folder/secret.txt": SECRET})
    return plant_tree(tmp_path / "static")


@pytest.fixture(scope="session")
def shared_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that no test changes."""
    return plant_tree(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def clients(shared_tree: Path) -> dict[str, Client]:
    """A client of each construction, over one root."""
    return {name: serve(shared_tree, construction=name, index_file=True) for name in CONSTRUCTIONS}


@pytest.fixture(params=list(CONSTRUCTIONS))
def client(request: pytest.FixtureRequest, clients: dict[str, Client]) -> Client:
    """A client of every construction in turn."""
    return clients[request.param]


def _is_of_pack(descriptor: str) -> bool:
    try:
        return SUFFIX in os.readlink(descriptor)
    except OSError:  # of the listing itself; or the system does not tell
        return False
