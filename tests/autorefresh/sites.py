"""Sites of any options and roots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hypothesis import strategies as st

from tests.autorefresh.alike import behind
from tests.autorefresh.asked import ORIGIN
from tests.conftest import MODIFIED
from whitemedia import WhiteMedia

if TYPE_CHECKING:
    from wsgiref.headers import Headers


class Mount(NamedTuple):
    """A root: which of the trees, where, and its own options."""

    tree: int
    prefix: str
    options: dict[str, Any]


class Site(NamedTuple):
    """Options of the whole, roots, and bytes, which are added once there are as many roots as `late` says."""

    options: dict[str, Any]
    mounts: list[Mount]
    given: list[tuple[str, dict[str, Any]]]
    late: int

    @property
    def prefixes(self) -> list[str]:
        return sorted({mount.prefix for mount in self.mounts})

    def construct(self, trees: list[Path], **construction: Any) -> WhiteMedia:
        middleware = WhiteMedia(behind, **self.options, **construction)
        for number, mount in enumerate(self.mounts):
            if number == self.late:
                self._give(middleware)
            middleware.add_files(trees[mount.tree], mount.prefix, **mount.options)
        if self.late >= len(self.mounts):
            self._give(middleware)
        return middleware

    def _give(self, middleware: WhiteMedia) -> None:
        for path, options in self.given:
            middleware.add_bytes(path, b"given at " + path.encode(), modified=MODIFIED, **options)


def note(headers: Headers, path: str, url: str) -> None:
    """An `add_headers_function` that tells what it was called with."""
    headers["X-Url"] = ascii(url)
    headers["X-Name"] = ascii(Path(path).name)
    headers["Vary"] = "Cookie"


def forget_time(headers: Headers, path: str, url: str) -> None:
    del headers["Last-Modified"]


OPTIONS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "index_file": st.sampled_from([True, True, "a.css", "about.html", "plain"]),
    "hidden": st.sampled_from([(), ("*.gz",), ("*", "!*.html", "!sub"), ("sub",), ("a*", "!a.css")]),
    "follow_symlinks": st.booleans(),
    "not_found": st.sampled_from(["pass", "answer"]),
    "unsafe_methods": st.sampled_from(["refuse", "pass"]),
    "clean_urls": st.just(True),
    "fallback": st.sampled_from(["index.html", "about.html", "sub/index.html", "a.css.gz"]),
    "immutable_file_test": st.sampled_from([r"a\.c", "/$", lambda path, url: path.endswith("html")]),
    "rules": st.just([("*.css", {"X-Rule": "css", "Cache-Control": None}), ("sub/**", {"Last-Modified": None})]),
    "cors": st.sampled_from(["*", (ORIGIN,), (ORIGIN, "https://b.example")]),
    "timing_allow_origin": st.just("*"),
    "rewrite": st.just(True),
    "rewrite_except": st.sampled_from([["sub/**"], ["a.css"]]),
    "max_age": st.sampled_from([0, None, 10]),
    "charset": st.just("latin-1"),
    "mimetypes": st.just({".css": "text/x-css", "plain": "application/x-plain"}),
    "add_headers_function": st.sampled_from([note, forget_time]),
}
WHOLE: Final[dict[str, st.SearchStrategy[Any]]] = {"memory_limit": st.sampled_from([0, 100, 20_000])}
PREFIXES: Final = ("/", "/", "/static/", "/static/", "/static/sub/", "/sub/", "/a.css/", "/ü/")
GIVEN: Final = (
    "/index.html",
    "/a.css",
    "/static/a.css",
    "/static/index.html",
    "/static/sub/x.html",
    "/robots.txt",
)

_own: Final = st.fixed_dictionaries({}, optional=OPTIONS)
_mounts: Final = st.builds(Mount, st.integers(0, 1), st.sampled_from(PREFIXES), _own)
some_sites: Final = st.builds(
    Site,
    st.fixed_dictionaries({}, optional={**OPTIONS, **WHOLE}),
    st.lists(_mounts, min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(GIVEN), _own), max_size=1),
    st.integers(0, 3),
)
