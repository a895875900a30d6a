"""Why a URL is answered as it is: which file answers, with what, or why none does."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final, NamedTuple

from whitemedia.assets.indexing import Indexed
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import NOT_FOUND, Entry, Redirect, Refused, Resource, Shared
from whitemedia.assets.roots import Skipped
from whitemedia.assets.table import resource_of
from whitemedia.http.paths import spell, unspell, unspell_exactly
from whitemedia.middleware import WhiteMedia

MAX_NEAR: Final = 5
"""Names that are told which are like the one asked for."""


class Explanation(NamedTuple):
    """In one sentence, with facts by name; what was searched, and names that are there and may be meant."""

    verdict: str
    facts: tuple[tuple[str, str], ...] = ()
    searched: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def explain(site: WhiteMedia, path_info: str) -> Explanation:
    """What a GET for the path, as PATH_INFO spells it, comes to."""
    table = site.table
    entry = table.at(path_info) or table.entries.get(path_info)
    if entry is not None and not isinstance(entry, Refused):
        return _explain_entry(entry)
    if path_info.startswith(table.live_prefixes) and table.live_at(path_info) is not None:
        return Explanation("Beneath a prefix of media or of private files: looked for at each request.")
    if table.guards_versions and (earlier := table.earlier(path_info)) is not None:
        return Explanation("Another version of a file.", (("file", unspell(earlier.path)),))
    return _explain_missing(site, path_info, entry or table.find(path_info))


def _explain_entry(entry: Resource | Redirect | Shared) -> Explanation:
    if isinstance(entry, Shared):
        return _explain_entry(entry.entry)
    if isinstance(entry, Redirect):
        return Explanation(
            f"Redirected to {entry.location!r}: a directory's index answers with a slash at the end."
        )
    source = entry.source
    sizes = (f"{coding} {entry.contents[coding].length}" for coding in entry.codings)
    fields = (f"{name}: {value}" for name, value in entry.representation(entry.codings[-1]).head.headers)
    facts = [("file", source.path), ("bytes", ", ".join(sizes)), *(("field", field) for field in fields)]
    kept = dict(entry.headers).get("Cache-Control", "as long as a browser thinks fit")
    return Explanation("Served.", (*facts, ("kept", kept)))


def _explain_missing(site: WhiteMedia, path_info: str, found: Entry | None) -> Explanation:
    beneath = [root for root in site.roots if path_info.startswith(spell(root.prefix))]
    skipped = [one for root in beneath for one in _skipped(root, path_info)]
    searched = tuple(f"{root.root.path} (at {root.prefix})" for root in reversed(beneath))
    near = tuple(_near(site, unspell(path_info)))
    if isinstance(found, Refused) and found is not NOT_FOUND:
        facts = tuple((one.why.value, one.path) for one in skipped)
        return Explanation("Refused with 404: there is something that is not served.", facts, searched, near)
    if not beneath:
        return Explanation("Passed on to the project: no directory is served there.")
    told = "Answered with 404" if found is NOT_FOUND else "Passed on to the project"
    return Explanation(f"{told}: there is no such file.", (), searched, near)


def _skipped(indexed: Indexed, path_info: str) -> Iterator[Skipped]:
    """What lies on the way and is not served."""
    name = unspell_exactly(path_info[len(spell(indexed.prefix)) :])
    found = None if name is None else indexed.root.look(name.rstrip("/"))
    if isinstance(found, Skipped):
        yield found


def _near(site: WhiteMedia, path: str) -> list[str]:
    """URLs of files that have the same name elsewhere, else a similar one."""
    served = sorted({unspell(known) for known in _paths(site)})
    name = path.rpartition("/")[2]
    same = [known for known in served if name and known.rpartition("/")[2] == name]
    return (same or difflib.get_close_matches(path, served, n=MAX_NEAR))[:MAX_NEAR]


def _paths(site: WhiteMedia) -> Iterator[str]:
    for path, entry in site.table.entries.items():
        if resource_of(entry) is not None:
            yield path
    if site.options.autorefresh:
        for indexed in site.roots:
            sources = (found for found in indexed.root.sources() if isinstance(found, Source))
            yield from (spell(indexed.prefix + source.url_path) for source in sources)
