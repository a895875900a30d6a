"""Elements and import maps say what they were given, whatever is in it, and nothing more."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.elements import format_import_map, format_link, format_script

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
HOSTILE = ["</script>", "<!--<script>", "]]>", "\u2028\u2029", '"', "&quot;", "<\\/script>", "é\ud800"]


class _Parser(HTMLParser):
    """The elements of a piece of HTML, and the text in its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@given(TEXT, TEXT)
def test_a_link_has_what_it_was_given(url: str, integrity: str) -> None:
    [(tag, attributes)] = _Parser(format_link("stylesheet", url, integrity)).tags
    assert (tag, attributes["rel"], attributes["href"]) == ("link", "stylesheet", url)
    assert attributes.get("integrity", "") == integrity


@given(TEXT, TEXT, st.booleans())
def test_a_script_has_what_it_was_given(url: str, integrity: str, is_module: bool) -> None:
    parsed = _Parser(format_script(url, integrity, is_module=is_module))
    [(tag, attributes)] = parsed.tags
    assert (tag, attributes["src"], attributes.get("integrity", "")) == ("script", url, integrity)
    assert ("defer" in attributes, attributes.get("type")) == (not is_module, "module" if is_module else None)
    assert parsed.texts == []


@pytest.mark.parametrize(
    ("url", "is_asked"),
    [("/a.js", False), ("https://cdn.example/a.js", True), ("//cdn.example/a.js", True)],
)
def test_integrity_of_another_origin_needs_cors(url: str, is_asked: bool) -> None:
    assert ("crossorigin" in format_script(url, "sha256-x", is_module=True)) == is_asked
    assert "crossorigin" not in format_link("stylesheet", url)


@given(st.dictionaries(TEXT | st.sampled_from(HOSTILE), TEXT | st.sampled_from(HOSTILE)))
def test_an_import_map_is_the_json_of_it_and_ends_no_script(imports: dict[str, str]) -> None:
    text = format_import_map(imports, imports)
    expected = {"imports": imports, **({"integrity": imports} if imports else {})}
    assert json.loads(text) == expected
    assert text.isascii()
    assert not set(text) & {"<", ">", "&"}
    parsed = _Parser(f'<script type="importmap">{text}</script><p>')
    assert (parsed.texts, [tag for tag, _ in parsed.tags]) == ([text], ["script", "p"])
