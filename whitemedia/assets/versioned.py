"""Resources under names that say their version."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from whitemedia.assets.resource import Described, Resource
from whitemedia.http.response import Header


class VersionedResource(Resource):
    """A resource under the name that says its version: with the same representations, to be kept for ever.

    There is one for every file, and few are asked for: so it is a plain one from its first use on.
    """

    __slots__ = ()

    def __init__(self, plain: Resource, headers: Callable[[tuple[Header, ...]], tuple[Header, ...]]) -> None:
        self.source = plain.source
        self._describe = functools.partial(_describe_versioned, plain, headers)

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        if name not in Resource.__slots__:
            raise AttributeError(name)
        Resource.describe(self)
        self.__class__ = Resource  # type: ignore[assignment]
        return getattr(self, name)


def _describe_versioned(
    plain: Resource, headers: Callable[[tuple[Header, ...]], tuple[Header, ...]], own: Resource
) -> Described:
    """What is read for the one is there for the other."""
    own.passes_unsafe, own.held, own.allow_list, own.version = (
        plain.passes_unsafe,
        plain.held,
        plain.allow_list,
        None,
    )
    own.tells_digest = plain.tells_digest
    own.rendered = {}
    return Described(headers(plain.headers), plain.last_modified, plain.contents, plain.selection)
