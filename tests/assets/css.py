"""Stylesheets as tinycss2 reads them: their tokens, and which of these say what is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import tinycss2

from whitemedia.assets.references import CSS, Edit, Reference, apply_edits, find_references
from whitemedia.http.references import path_of_reference, version_reference

VERSION: Final = "0123456789ab"


class Token(NamedTuple):
    """A token, or the beginning or the end of a block; its text without escapes."""

    kind: str
    text: str


_RULES: Final = (("at-keyword", "import"), ("at-keyword", "namespace"))
_BETWEEN: Final = ("whitespace", "comment")


def tokens_of(data: bytes) -> list[Token]:
    """All tokens in their order; what names something elsewhere is of the kind "name"."""
    tokens = list(_flat(tinycss2.parse_component_value_list(data.decode("utf-8", "surrogateescape"))))
    for place in _names(tokens):
        tokens[place] = tokens[place]._replace(kind="name")
    return tokens


def paths_in(tokens: Iterable[Token]) -> list[str]:
    """The references that name a path."""
    return [token.text for token in tokens if token.kind == "name" and path_of_reference(token.text)]


def with_versions(tokens: Iterable[Token], escaped: Iterable[bool]) -> list[Token]:
    """The same with a version in each path that is named; `escaped` tells of each whether it is escaped."""
    how = iter(escaped)
    return [
        token._replace(text=version_reference(token.text, VERSION, is_escaped=next(how)))
        if token.kind == "name" and path_of_reference(token.text)
        else token
        for token in tokens
    ]


def named_in(data: bytes) -> list[Reference]:
    """What is found, but for the source map."""
    return [one for one in find_references(CSS, data) if not one.is_map]


def edited(data: bytes, references: Iterable[Reference]) -> bytes:
    """The stylesheet with a version in each of the references."""
    return apply_edits(data, tuple(map(_edit, references)))


def _edit(reference: Reference) -> Edit:
    url = version_reference(reference.url, VERSION, is_escaped=reference.is_escaped)
    return Edit(reference.start, reference.stop, url.encode("utf-8", "surrogateescape"))


def _flat(nodes: Iterable[Any]) -> Iterator[Token]:
    for node in nodes:
        inside = getattr(node, "arguments" if node.type == "function" else "content", None)
        if inside is not None:
            yield Token(node.type, getattr(node, "lower_name", ""))
            yield from _flat(inside)
            yield Token("end", "")
        elif node.type in ("url", "string", "comment"):
            yield Token(node.type, node.value)
        elif node.type == "at-keyword":
            yield Token(node.type, node.lower_value)
        else:
            yield Token(node.type, node.kind if node.type == "error" else node.serialize())


def _names(tokens: list[Token]) -> Iterator[int]:
    """URLs and, right after `url(` or `@import`, strings; not of a namespace, which names nothing that is loaded."""
    rule, before = "", Token("", "")
    for place, token in enumerate(tokens):
        if token in _RULES and rule != "namespace":
            rule = token.text
        elif token == ("literal", ";"):
            rule = ""
        is_name = token.kind == "url" or (
            token.kind == "string" and before in (("function", "url"), ("at-keyword", "import"))
        )
        if is_name and rule != "namespace":
            yield place
        if token.kind not in _BETWEEN:
            before = token
