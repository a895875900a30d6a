"""A directory as a root: whether it is there, and what is indexed of it, with what the log is told of both."""

from __future__ import annotations

import dataclasses
import logging
import time

from whitemedia.arguments import problem_with, working_directory
from whitemedia.assets.bundles import Bundle
from whitemedia.assets.compression import Budget
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.report import report
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore, Store
from whitemedia.options import OptionError, Options

_log = logging.getLogger("whitemedia")


def is_usable(path: str, *, strict: bool, listed: bool = True) -> bool:
    """Whether the directory can be read. If not, that is one line in the log or, if `strict`, an OptionError."""
    problem = problem_with(path, listed=listed)
    if problem is None:
        return True
    if strict:
        raise OptionError("root", path, problem)
    _log.warning("root %r %s (working directory %s)", path, problem, working_directory())
    return False


def index_directory(
    directory: DirectoryRoot,
    prefix: str,
    options: Options,
    store: Store,
    budget: Budget,
    *,
    before: Bundle | None = None,
) -> Indexed:
    """Index a directory, and log what was found; of a bundle, what was known `before` counts if it cannot be read.

    Raises OptionError.
    """
    started = time.perf_counter()
    bundle = _bundle(directory, options, before)
    options = _with_its_hashes(options, bundle)
    nothing = Indexed(directory, prefix, options, (), (), bundle=bundle)
    if not is_usable(directory.path, strict=options.strict):
        return nothing
    if options.autorefresh and not options.strict:
        _log.info("looking files up at each request, of %r at %r", directory.path, prefix)
        return nothing
    if options.autorefresh:  # strict: what is wrong is to be told now
        uncoded = dataclasses.replace(options, compress="off")
        found = index_root(directory, prefix, uncoded, MemoryStore(), Budget(0))
    else:
        found = index_root(directory, prefix, options, store, budget)
    report(found, time.perf_counter() - started)
    return nothing if options.autorefresh else found._replace(bundle=bundle)


def _bundle(directory: DirectoryRoot, options: Options, before: Bundle | None) -> Bundle | None:
    if options.manifest is None:
        return None
    known = None if before is None else before.known
    return Bundle(options.manifest, directory, live=options.autorefresh, strict=options.strict, before=known)


def _with_its_hashes(options: Options, bundle: Bundle | None) -> Options:
    """Options by which the names that a bundler hashed are immutable; it may be told otherwise."""
    if bundle is None or options.immutable is not None or not bundle.known.is_here:
        return options
    return dataclasses.replace(options, immutable=bundle.known.manifest.tool)
