"""Rewriting for development: a file is edited when it is asked for, and again when what it refers to has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from whitemedia.assets.graph import Graph, Plan, Unresolved
from whitemedia.assets.report import report_unresolved
from whitemedia.assets.resource import Resource
from whitemedia.assets.rewriting import begin, edit, is_editable, rebuild
from whitemedia.assets.store import MemoryStore
from whitemedia.http.negotiation import IDENTITY

MAX_KEPT: Final = 1024
"""Files that are kept edited, and faults that are told once; with more it begins anew."""


class _Edited(NamedTuple):
    plain: Resource
    plan: Plan
    resource: Resource


class LiveRewriter:
    """`at` tells what is at a path now, not rewritten; `is_ours` is as for a graph."""

    def __init__(
        self,
        at: Callable[[str], Resource | None],
        is_ours: Callable[[str, str], bool],
        lock: threading.RLock,
    ) -> None:
        self._at = at
        self._is_ours = is_ours
        self._lock = lock
        self._kept: dict[str, _Edited] = {}
        self._told: set[Unresolved] = set()

    def rewrite(self, path: str, plain: Resource) -> Resource:
        """The resource of a file as it is to be sent now."""
        if not is_editable(plain):
            return plain
        with self._lock:
            graph = Graph(self._at, self._is_ours)
            plan = graph.plan(path, plain)
            self._tell(graph.unresolved)
            kept = self._kept.get(path)
            if kept is None or kept.plain is not plain or kept.plan != plan:
                kept = _Edited(plain, plan, _edit(plain, plan))
                if len(self._kept) >= MAX_KEPT:
                    self._kept.clear()
                self._kept[path] = kept
            return kept.resource

    def _tell(self, unresolved: list[Unresolved]) -> None:
        report_unresolved(unresolved, self._told, strict=False)
        if len(self._told) > MAX_KEPT:
            self._told.clear()
        self._told.update(unresolved)


def _edit(plain: Resource, plan: Plan) -> Resource:
    edited = edit(begin(plain, plan), MemoryStore())
    if edited is None:  # it has changed again
        return plain
    work, data = edited
    resource = rebuild(work)
    if IDENTITY in resource.held:
        resource.hold(IDENTITY, data)
    return resource
