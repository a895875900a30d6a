"""What files that refer to others are to be sent as: with the versions of those, and a version of their own.

A version is of the file's bytes, of the versions that it names and of where it names them, so those are found first;
files that refer to each other in a circle are one group, whose versions are of all of that of all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import NamedTuple

from whitemedia.assets.references import Edit, Reference
from whitemedia.assets.resource import Resource
from whitemedia.http.references import resolve_reference, version_reference
from whitemedia.http.versions import version_of


class Plan(NamedTuple):
    """How to edit a file, its version then, and when the latest of all that it depends on was modified."""

    edits: tuple[Edit, ...]
    version: str
    modified_ns: int


class Unresolved(NamedTuple):
    """A reference that leads nowhere: in which file, in which line of it, and what it says."""

    file: str
    line: int
    url: str
    is_map: bool


class _Target(NamedTuple):
    reference: Reference
    path: str
    resource: Resource


class _Node:
    """A file that refers to others: of those, the ones whose URLs have versions."""

    def __init__(self, path: str, resource: Resource, targets: list[_Target], number: int) -> None:
        self.path = path
        self.resource = resource
        self.targets = targets
        self.number = self.lowest = number
        self.rest: Iterator[_Target] = iter(targets)

    @property
    def digest(self) -> bytes:
        assert self.resource.referring is not None
        return self.resource.referring.digest


class Graph:
    """Plans for files by their PATH_INFO. `at` tells what is there; `is_ours`, of a reference that nothing is at, and its
    path, whether that is a fault: then it is in `unresolved`."""

    def __init__(self, at: Callable[[str], Resource | None], is_ours: Callable[[str, str], bool]) -> None:
        self._at = at
        self._is_ours = is_ours
        self._plans: dict[str, Plan] = {}
        self._open: dict[str, _Node] = {}  # whose group is not complete, in the order in which they were found
        self.unresolved: list[Unresolved] = []
        self.named: set[str] = set()  # paths whose versions are named

    def plan(self, path: str, resource: Resource) -> Plan:
        """The plan for a file that refers to others and has a version."""
        if path not in self._plans:
            self._visit(self._begin(path, resource))
        return self._plans[path]

    def _visit(self, node: _Node) -> None:
        """Tarjan's algorithm, without recursion: there may be thousands in a row."""
        way = [node]
        while way:
            node = way[-1]
            target = next(node.rest, None)
            if target is None:
                way.pop()
                if way:
                    way[-1].lowest = min(way[-1].lowest, node.lowest)
                if node.lowest == node.number:
                    self._conclude(self._group(node))
            elif target.path in self._open:
                node.lowest = min(node.lowest, self._open[target.path].number)
            elif target.resource.referring is not None and target.path not in self._plans:
                way.append(self._begin(target.path, target.resource))

    def _begin(self, path: str, resource: Resource) -> _Node:
        node = _Node(path, resource, list(self._targets(path, resource)), len(self._open))
        self._open[path] = node
        return node

    def _targets(self, path: str, resource: Resource) -> Iterator[_Target]:
        assert resource.referring is not None
        for reference in resource.referring.references:
            target = resolve_reference(reference.url, path)
            found = None if target is None else self._at(target)
            if target is None or found is None:
                if target is not None and self._is_ours(reference.url, target):
                    file = resource.source.path
                    self.unresolved.append(Unresolved(file, reference.line, reference.url, reference.is_map))
            elif found.version is not None:
                self.named.add(target)
                yield _Target(reference, target, found)

    def _group(self, first: _Node) -> list[_Node]:
        """Those that were found since `first` and whose group is not complete: they refer to each other."""
        group: list[_Node] = []
        while first.path in self._open:
            group.append(self._open.popitem()[1])
        return group

    def _conclude(self, group: list[_Node]) -> None:
        group.sort(key=attrgetter("path"))
        numbers = {node.path: number for number, node in enumerate(group)}
        digest = hashlib.sha256(b"".join(node.digest + self._marks(node, numbers) for node in group)).digest()
        versions = {node.path: _version(node, digest, number) for number, node in enumerate(group)}
        modified = max(map(self._modified, self._sources(group)))
        for node in group:
            edits = tuple(self._edit(target, versions) for target in node.targets)
            self._plans[node.path] = Plan(edits, versions[node.path], modified)

    def _marks(self, node: _Node, numbers: dict[str, int]) -> bytes:
        """What is to stand where in a file; for a file of its own group, which one that is."""
        named = ((one, numbers.get(one.path)) for one in node.targets)
        marks = (
            f"{one.reference.start} {self._version(one) if number is None else f'={number}'},"
            for one, number in named
        )
        return "".join([*marks, ";"]).encode("ascii")

    def _version(self, target: _Target) -> str:
        plan = self._plans.get(target.path)
        return str(target.resource.version) if plan is None else plan.version

    def _sources(self, group: list[_Node]) -> Iterator[tuple[str, Resource]]:
        for node in group:
            yield node.path, node.resource
            yield from ((target.path, target.resource) for target in node.targets)

    def _modified(self, place: tuple[str, Resource]) -> int:
        path, resource = place
        plan = self._plans.get(path)
        return resource.source.stat_key.mtime_ns if plan is None else plan.modified_ns

    def _edit(self, target: _Target, versions: dict[str, str]) -> Edit:
        reference, version = target.reference, versions.get(target.path) or self._version(target)
        url = version_reference(reference.url, version, is_escaped=reference.is_escaped)
        return Edit(reference.start, reference.stop, url.encode("utf-8", "surrogateescape"))


def _version(node: _Node, group: bytes, number: int) -> str:
    """Of a file in its group. One that names no version has its own as it is."""
    if not node.targets:
        return str(node.resource.version)
    return version_of(hashlib.sha256(group + b"%d" % number).digest())
