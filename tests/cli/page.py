"""A listing as a browser takes it apart."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final, NamedTuple

VOID: Final = frozenset({"link", "meta"})


class Row(NamedTuple):
    """One row: where its link leads, and the texts of its cells."""

    href: str
    cells: tuple[str, ...]


class Page(HTMLParser):
    """The elements with their attributes, the texts by element, the rows. Each element is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.rows: list[Row] = []
        self._open: list[str] = []
        self._cells: list[str] = []
        self._href = ""
        self.feed(text)
        self.close()
        assert self._open == []

    @property
    def links(self) -> list[str]:
        return [attributes["href"] or "" for name, attributes in self.elements if name == "a"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in ("th", "td"):
            self._cells.append("")
        if tag == "a":
            self._href = attributes["href"] or ""
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "tr":
            if "tbody" in self._open:
                self.rows.append(Row(self._href, tuple(self._cells)))
            self._cells = []

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data
        if self._cells:
            self._cells[-1] += data
