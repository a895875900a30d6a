"""Names that say that they never change outlive their files: a page that was loaded before a refresh may still ask.

That needs their bytes: those in memory and in the store are there, those of a file that is gone are not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from whitemedia.assets.bodies import decode
from whitemedia.assets.compression import Budget
from whitemedia.assets.resource import Entry, Resource, resource_of
from whitemedia.http.negotiation import IDENTITY


def outliving(old: Mapping[str, Entry], now: Collection[str], budget: Budget) -> dict[str, Entry]:
    """The entries of an old table that are immutable, are not in the new one, and can still be answered."""
    gone = {path: entry for path, entry in old.items() if path not in now}
    return {path: entry for path, entry in gone.items() if _outlives(entry, budget)}


def held_by(entries: Mapping[str, Entry]) -> int:
    """Bytes of bodies that these hold in memory."""
    resources = (resource for entry in entries.values() if (resource := resource_of(entry)) is not None)
    shared = {id(resource.contents): resource.contents for resource in resources}  # by a file's names
    contents = (content for contents in shared.values() for content in contents.values())
    return sum(content.length for content in contents if isinstance(content.body, bytes))


def _outlives(entry: Entry, budget: Budget) -> bool:
    resource = resource_of(entry)
    return resource is not None and _is_immutable(resource) and _has_bytes(resource, budget)


def _is_immutable(resource: Resource) -> bool:
    return any(
        name.lower() == "cache-control" and "immutable" in value.lower() for name, value in resource.headers
    )


def _has_bytes(resource: Resource, budget: Budget) -> bool:
    """Whether its last coding, which every client takes, is in memory; if not, it is decoded from another."""
    last = resource.codings[-1]
    if isinstance(resource.contents[last].body, bytes):
        return True
    data = decode(resource) if last == IDENTITY else None
    if data is None or not budget.take(len(data)):
        return False
    resource.hold(last, data)
    return True
