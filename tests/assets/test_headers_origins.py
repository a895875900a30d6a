"""What other origins may do: `cors`, `timing_allow_origin` and `cross_origin_resource_policy`, as fields of a resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from wsgiref.headers import Headers

import pytest

from tests.assets.fields import DEFAULT, MODIFIED, build
from whitemedia.http.cors import AllowList
from whitemedia.options import OptionError, build_options, override_options

A, B = "https://a.example", "http://localhost:5173"
WITHOUT_CORS = tuple(pair for pair in DEFAULT if pair[0] != "Access-Control-Allow-Origin")
LISTED = (*WITHOUT_CORS, ("Vary", "Origin"))


# Cross-origin sharing


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"cors": None},
        {"cors": "*"},
        {"cors": "*", "allow_all_origins": True},
        {"cors": None, "allow_all_origins": True},
    ],
)
def test_any_origin_may_read_by_a_constant_field(given: dict[str, Any]) -> None:
    assert build(build_options(given)) == (DEFAULT, MODIFIED, None)


@pytest.mark.parametrize(
    "given",
    [
        {"allow_all_origins": False},
        {"cors": ()},
        {"cors": [], "allow_all_origins": False},
        {"cors": (), "cors_credentials": True},
    ],
)
def test_no_origin_may_read_where_none_is_listed(given: dict[str, Any]) -> None:
    assert build(build_options(given)) == (WITHOUT_CORS, MODIFIED, None)


@pytest.mark.parametrize("origins", [(A,), (A, B)])
@pytest.mark.parametrize("credentials", [True, False])
def test_a_list_is_left_to_who_answers_and_every_answer_varies(
    origins: tuple[str, ...], credentials: bool
) -> None:
    options = build_options({"cors": origins, "cors_credentials": credentials})
    assert build(options) == (LISTED, MODIFIED, AllowList(origins, credentials))


# What rules and the function make of a list


def function_that(change: Callable[[Headers], object]) -> dict[str, Any]:
    return {"add_headers_function": lambda headers, path, url: change(headers)}


def rule_that(value: str | None, name: str = "Access-Control-Allow-Origin") -> dict[str, Any]:
    return {"rules": [("app.css", {name: value})]}


def test_the_function_sees_the_list_as_its_text() -> None:
    seen: list[str | None] = []
    options = {
        "cors": (A, B),
        **function_that(lambda headers: seen.append(headers["Access-Control-Allow-Origin"])),
    }
    built = build(build_options(options))
    assert seen == [f"{A} {B}"]
    assert (sorted(built.fields), built.allow_list) == (sorted(LISTED), AllowList((A, B), credentials=False))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(rule_that(None), id="a rule"),
        pytest.param(rule_that(None, "access-control-allow-origin"), id="a rule in lower case"),
        pytest.param(
            function_that(lambda headers: headers.__delitem__("Access-Control-Allow-Origin")), id="function"
        ),
    ],
)
@pytest.mark.parametrize("cors", [(A, B), (A,), "*"])
def test_a_file_s_sharing_can_be_removed(cors: Any, given: dict[str, Any]) -> None:
    built = build(build_options({"cors": cors, **given}))
    assert (sorted(built.fields), built.allow_list) == (sorted(WITHOUT_CORS), None)


def set_any(headers: Headers) -> None:
    headers["access-control-allow-origin"] = "*"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        pytest.param(rule_that("*"), "*", id="a rule: any"),
        pytest.param(rule_that("https://b.example"), "https://b.example", id="a rule: another"),
        pytest.param(rule_that(A), A, id="a rule: one of the list"),
        pytest.param(rule_that(f"{B} {A}"), f"{B} {A}", id="a rule: what is not the list, though much like it"),
        pytest.param(function_that(set_any), "*", id="the function"),
    ],
)
def test_a_file_s_sharing_can_be_replaced_by_a_constant(given: dict[str, Any], value: str) -> None:
    built = build(build_options({"cors": (A, B), **given}))
    [(name, sent)] = [pair for pair in built.fields if pair not in WITHOUT_CORS]
    assert (name.lower(), sent, built.allow_list) == ("access-control-allow-origin", value, None)


def test_a_rule_may_share_one_file_of_many() -> None:
    built = build(build_options({"allow_all_origins": False, **rule_that("*")}))
    assert (sorted(built.fields), built.allow_list) == (sorted(DEFAULT), None)


# Timing and embedding


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"timing_allow_origin": None}, {}),
        ({"timing_allow_origin": ()}, {}),
        ({"timing_allow_origin": "*"}, {"Timing-Allow-Origin": "*"}),
        ({"timing_allow_origin": [A]}, {"Timing-Allow-Origin": A}),
        ({"timing_allow_origin": [A, B]}, {"Timing-Allow-Origin": f"{A}, {B}"}),
        ({"cross_origin_resource_policy": "same-origin"}, {"Cross-Origin-Resource-Policy": "same-origin"}),
        ({"cross_origin_resource_policy": "same-site"}, {"Cross-Origin-Resource-Policy": "same-site"}),
        ({"cross_origin_resource_policy": "cross-origin"}, {"Cross-Origin-Resource-Policy": "cross-origin"}),
        (
            {"timing_allow_origin": "*", "cross_origin_resource_policy": "cross-origin"},
            {"Timing-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"},
        ),
    ],
)
def test_timing_and_embedding_are_constant_fields_beside_the_others(
    given: dict[str, Any], fields: dict[str, str]
) -> None:
    built = build(build_options(given))
    assert dict(built.fields) == {**dict(DEFAULT), **fields}
    assert built.allow_list is None


# Options that contradict each other


@pytest.mark.parametrize(
    ("instance", "root"),
    [
        ({"cors": (A,), "allow_all_origins": True}, {}),
        ({"cors": (), "allow_all_origins": True}, {}),
        ({"cors": "*", "allow_all_origins": False}, {}),
        ({"cors": (A,)}, {"allow_all_origins": True}),
        ({"cors": "*"}, {"allow_all_origins": False}),
        ({}, {"cors": (A,), "allow_all_origins": True}),
        ({"allow_all_origins": False}, {"cors": "*", "allow_all_origins": False}),
    ],
)
def test_who_is_allowed_is_said_once(instance: dict[str, Any], root: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"allow_all_origins=(True|False): contradicts cors="):
        override_options(build_options(instance), root)


@pytest.mark.parametrize(
    ("instance", "root", "origins"),
    [
        ({"cors": (A,), "allow_all_origins": False}, {}, (A,)),
        ({"cors": "*", "allow_all_origins": True}, {}, "*"),
        ({"allow_all_origins": True}, {"cors": (A,)}, (A,)),
        ({"allow_all_origins": False}, {"cors": "*"}, "*"),
        ({"cors": (A,)}, {"cors": None}, "*"),
        ({"cors": (A,)}, {"cors": None, "allow_all_origins": False}, ()),
        ({"cors": (A,)}, {"cors": (B,), "allow_all_origins": False}, (B,)),
    ],
)
def test_one_root_may_allow_others_than_the_instance(
    instance: dict[str, Any], root: dict[str, Any], origins: object
) -> None:
    assert override_options(build_options(instance), root).allowed_origins == origins


@pytest.mark.parametrize(
    ("instance", "root"),
    [
        ({"cors_credentials": True}, {}),
        ({"cors_credentials": True, "cors": "*"}, {}),
        ({"cors_credentials": True, "cors": (A,)}, {"cors": "*"}),
        ({"cors_credentials": True, "cors": (A,)}, {"cors": None}),
        ({}, {"cors_credentials": True}),
    ],
)
def test_credentials_are_for_named_origins_alone(instance: dict[str, Any], root: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="cors_credentials=True: browsers take credentials only"):
        override_options(build_options(instance), root)
