"""What is refused is refused where the application is wrapped, with the nearest right name."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from whitemedia import WhiteMedia
from whitemedia.options import OptionError, Options, build_options, override_options

# Unknown options


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("maxage", "max_age"),
        ("max_ages", "max_age"),
        ("mime_types", "mimetypes"),
        ("compression", "compress"),
        ("follow_symlink", "follow_symlinks"),
        ("immutable_file", "immutable_file_test"),
        ("notfound", "not_found"),
    ],
)
@pytest.mark.parametrize(
    "use", [build_options, lambda given: override_options(Options(), given)], ids=["instance", "root"]
)
def test_an_unknown_option_is_refused_with_the_nearest_one(
    use: Callable[[dict[str, object]], Options], name: str, near: str
) -> None:
    with pytest.raises(OptionError) as raised:
        use({name: 5})
    assert (raised.value.option, raised.value.value) == (name, 5)
    assert str(raised.value) == f"{name}=5: no such option; did you mean {near}?"


def test_an_unknown_option_that_is_near_to_none_is_just_unknown() -> None:
    with pytest.raises(OptionError, match=r"^qwertz='x': no such option$"):
        build_options({"qwertz": "x"})


# Through WhiteMedia


def application(environ: object, start_response: object) -> Iterable[bytes]:
    return []


@pytest.mark.parametrize("name", ["max_age", "maxage"])
def test_wrong_options_raise_where_the_application_is_wrapped(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError):
        WhiteMedia(application, tmp_path, **{name: -1})  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["/", "", None])
def test_not_found_cannot_be_answered_for_the_whole_application(tmp_path: Path, prefix: str | None) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(OptionError) as raised:
        WhiteMedia(application, tmp_path, prefix, not_found="answer")
    assert (raised.value.option, raised.value.value) == ("not_found", "answer")
    WhiteMedia(application, tmp_path, "/static/", not_found="answer")


def test_an_option_error_can_be_pickled() -> None:
    """As a worker process hands it to its parent."""
    error = pickle.loads(pickle.dumps(OptionError("max_age", -1, "expected more")))
    assert (error.option, error.value, str(error)) == ("max_age", -1, "max_age=-1: expected more")


def test_a_message_repeats_no_more_of_a_value_than_one_reads() -> None:
    message = str(OptionError("body", "x" * 1_000_000, "no bytes"))
    assert len(message) < 300
    assert message.startswith("body='xxx")
    assert message.endswith("…: no bytes")
