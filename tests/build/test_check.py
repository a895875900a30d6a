"""A check tells what a build would do, and writes nothing at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.assets.resources import make_noise
from tests.build.site import A, B, C, Site, encode, snapshot

if TYPE_CHECKING:
    from tests.assets.conftest import Deny

ALL = ["app.css.br", "app.css.gz", "js/lib.js.br", "js/lib.js.gz"]


class Case(NamedTuple):
    """What became of a built site, and what a check tells then."""

    act: Callable[[Site], object]
    missing: list[str] = []  # noqa: RUF012 - a row's own, that nobody changes
    stale: list[str] = []  # noqa: RUF012
    options: dict[str, Any] = {}  # noqa: RUF012
    leftover: list[str] = []  # noqa: RUF012


RAISED = {"levels": {"br": 9, "gzip": 6}}
CASES = {
    "nothing": Case(lambda site: None),
    "a new file": Case(lambda site: site.write("new.css", C), missing=["new.css.br", "new.css.gz"]),
    "a sibling is gone": Case(lambda site: site.remove("app.css.br"), missing=["app.css.br"]),
    "a new name": Case(
        lambda site: (site.path / "app.css").rename(site.path / "b.css"),
        missing=["b.css.br", "b.css.gz"],
        leftover=["app.css.br", "app.css.gz"],
    ),
    "a file's content": Case(lambda site: site.write("app.css", C), stale=["app.css.br", "app.css.gz"]),
    "a file's time": Case(lambda site: os.utime(site.path / "app.css", (1, 1))),
    "a damaged sibling": Case(lambda site: os.truncate(site.path / "app.css.gz", 20), stale=["app.css.gz"]),
    "a level raised": Case(lambda site: None, stale=["app.css.br", "js/lib.js.br"], options=RAISED),
    "a level lowered": Case(lambda site: None, options={"levels": {"br": 1, "gzip": 1}}),
    "a larger sibling of others": Case(lambda site: site.write("app.css.br", encode("br", 1, A))),
    "no records": Case(lambda site: site.index.unlink()),
    "no records, and a level raised": Case(lambda site: site.index.unlink(), options=RAISED),
    "a coding more": Case(
        lambda site: None,
        missing=["app.css.zst", "js/lib.js.zst"],
        options={"codings": ["br", "zstd"], "levels": {"br": 5}},
        leftover=["app.css.gz", "js/lib.js.gz"],
    ),
    "a file is gone": Case(lambda site: site.remove("app.css"), leftover=["app.css.br", "app.css.gz"]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_check_tells_what_a_build_would_do_and_writes_nothing(built: Site, case: Case) -> None:
    case.act(built)
    before = snapshot(built.path)
    result = built.check(**case.options)
    assert snapshot(built.path) == before
    assert (list(result.missing), list(result.stale)) == (case.missing, case.stale)
    assert list(result.leftover) == case.leftover
    assert result.is_complete is not bool(case.missing or case.stale)
    assert (result.pruned, [total.written for total in result.totals]) == ((), [0] * len(result.totals))
    assert built.build(**case.options).is_complete
    assert built.check(**case.options).is_complete


def test_a_check_of_what_was_never_built_writes_nothing(site: Site) -> None:
    before = snapshot(site.path)
    result = site.check()
    assert snapshot(site.path) == before
    assert (list(result.missing), result.is_complete) == (ALL, False)
    assert (result.files, result.bytes) == (2, len(A) + len(B))
    assert [(total.files, total.coded_bytes) for total in result.totals] == [(0, 0), (0, 0)]


def test_a_check_counts_siblings_of_others_too(site: Site) -> None:
    coded = encode("br", 1, A)
    site.write("app.css.br", coded)
    totals = {total.coding: total for total in site.check().totals}
    assert (totals["br"].files, totals["br"].original_bytes, totals["br"].coded_bytes) == (1, len(A), len(coded))


def test_what_would_not_be_worth_it_is_missing_until_a_build_has_tried(site: Site) -> None:
    site.build()
    site.write("noise.css", make_noise(2_000))
    assert site.check().missing == ("noise.css.br", "noise.css.gz")
    site.build()
    assert site.check().is_complete


def test_a_check_of_an_empty_root_is_complete(site: Site) -> None:
    site.remove("app.css", "js/lib.js")
    result = site.check()
    assert (result.files, result.bytes, result.is_complete) == (0, 0, True)


def test_a_check_tells_what_cannot_be_read(built: Site, deny: Deny) -> None:
    deny(built.path / "app.css")
    result = built.check()
    assert [tuple(failure) for failure in result.failures] == [("app.css", "unreadable")]
    assert not result.is_complete


def test_leftovers_do_not_make_it_incomplete(built: Site) -> None:
    built.remove("app.css")
    result = built.check()
    assert (len(result.leftover), result.is_complete) == (2, True)
