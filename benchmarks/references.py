"""What becomes of all stylesheets of a tree when they are rewritten, judged by another parser.

python benchmarks/references.py TREE

Every reference that tinycss2 finds must name a version that is answered, or be told to lead nowhere, or be none that is
to be rewritten (another host, a page); and what is sent must be the file as it was, but for these names.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import tinycss2
from werkzeug.test import Client

from whitemedia import WhiteMedia
from whitemedia.http.versions import split_version

PREFIX = "/static/"


def compare(tree: Path) -> tuple[Counter[str], list[str]]:
    """How many references became what, and what is wrong."""
    wm = WhiteMedia(_nothing, tree, PREFIX, rewrite=True, compress="off", cache_dir=None)
    client = Client(wm)
    told = {(one.file, one.url) for one in wm.unresolved}
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for path in sorted(tree.rglob("*.css")):
        url = PREFIX + path.relative_to(tree).as_posix()
        answer = client.get(url)
        before, after = list(_walk(_parse(path.read_bytes()))), list(_walk(_parse(answer.data)))
        counts["stylesheets"] += 1
        if len(before) != len(after) or answer.status_code != 200:
            faults.append(f"{path}: {len(before)} tokens became {len(after)}")
            continue
        for one, other in zip(before, after, strict=True):
            if _told(one) == _told(other):
                kind = _kind_of_kept(one, url, str(path), told, wm)
            else:
                kind = _kind_of_changed(_reference(one), _reference(other), url, client)
            counts[kind] += kind != ""
            if kind.startswith("wrong"):
                faults.append(f"{path}: {_told(one)} became {_told(other)}: {kind}")
    return counts, faults


def _nothing(environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


def _parse(data: bytes) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_component_value_list(data.decode("utf-8", "surrogateescape"))
    return nodes


def _walk(nodes: list[Any], *, is_import: bool = False, is_url: bool = False) -> Iterator[tuple[Any, bool]]:
    """All tokens, in order, each with whether it is a reference."""
    for node in nodes:
        if node.type in ("whitespace", "comment"):
            if node.type == "comment":
                yield node, "sourceMappingURL=" in node.value
            continue
        is_reference = node.type == "url" or (node.type == "string" and (is_import or is_url))
        yield node, is_reference
        is_import = node.type == "at-keyword" and node.lower_value == "import"
        yield from _walk(getattr(node, "content", None) or [])
        is_function = node.type == "function"
        yield from _walk(node.arguments if is_function else [], is_url=is_function and node.lower_name == "url")


def _told(token: tuple[Any, bool]) -> str:
    node = token[0]
    return f"{node.type} {getattr(node, 'value', getattr(node, 'name', ''))!r}"


def _reference(token: tuple[Any, bool]) -> str:
    node, is_reference = token
    if not is_reference:
        return ""
    value = str(node.value)
    return value.partition("sourceMappingURL=")[2].strip() if node.type == "comment" else value


def _kind_of_kept(
    token: tuple[Any, bool], base: str, file: str, told: set[tuple[str, str]], wm: WhiteMedia
) -> str:
    reference = _reference(token)
    if not reference:
        return ""
    path = unquote(urlsplit(urljoin(base, reference)).path)
    if reference.startswith(("#", "data:", "//")) or urlsplit(reference).scheme:
        return "elsewhere"
    if (file, reference) in told:
        return "told to lead nowhere"
    return "wrong: neither rewritten nor told" if path in wm.table.entries else "not beneath the prefix"


def _kind_of_changed(before: str, after: str, base: str, client: Client) -> str:
    old, new = (urlsplit(urljoin(base, one)) for one in (before, after))
    split = split_version(unquote(new.path))
    if (
        not before
        or split is None
        or split[0] != unquote(old.path)
        or (old.query, old.fragment) != (new.query, new.fragment)
    ):
        return "wrong: changed otherwise"
    answer = client.get(new.path)
    if answer.status_code != 200 or "immutable" not in answer.headers.get("Cache-Control", ""):
        return "wrong: not answered for ever"
    return "rewritten"


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("tree", type=Path)
    started = time.perf_counter()
    counts, faults = compare(parser.parse_args().tree)
    for kind, count in sorted((+counts).items()):
        print(f"{count:8,} {kind}")
    print(*faults, sep="\n")
    print(f"{len(faults):,} faults; {time.perf_counter() - started:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
