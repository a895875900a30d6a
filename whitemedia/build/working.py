"""Doing jobs on all cores, and keeping what was done whatever ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import Final

from whitemedia.assets.records import Record, write_records
from whitemedia.build.coding import Built, DiskFullError, Job, Outcome, build_siblings
from whitemedia.build.examining import Failure
from whitemedia.build.folder import BuildError

CHECKPOINT_SECONDS: Final = 5
"""How often records are written meanwhile: a build that is killed loses no more."""

Progress = Callable[[int, int], object]
"""Called with the bytes that were coded, and with all that are to be."""


class Work:
    """What was done: `siblings` by path, `failures`, and `records`, which are saved in the root."""

    def __init__(self, root: str, records: dict[tuple[bytes, str], Record], progress: Progress | None) -> None:
        self.siblings: dict[str, Built] = {}
        self.failures: list[Failure] = []
        self.records = records
        self._root = root
        self._progress = progress
        self._saved = dict(records)
        self._saved_at = time.monotonic()
        self._done = 0

    def do(self, jobs: Sequence[Job], threads: int) -> None:
        """Do all jobs. Raises BuildError where nothing more can be written. What is in hand is finished in any case."""
        length = sum(job.length for job in jobs)
        self._tell(0, length)
        with ThreadPoolExecutor(threads, thread_name_prefix="whitemedia") as pool:
            futures: dict[Future[Outcome], int] = {}
            try:
                for job in jobs:
                    futures[pool.submit(build_siblings, job)] = job.length
                for future in as_completed(futures):
                    self._take(future.result())
                    self._tell(futures.pop(future), length)
                    self._save_at_times()
            except BaseException as error:
                pool.shutdown(wait=True, cancel_futures=True)
                self._take_what_is_done(futures)
                if isinstance(error, DiskFullError):
                    raise self._stopped(error) from None
                raise

    def save(self) -> None:
        """Write the records, if they have changed. Raises BuildError."""
        if self.records == self._saved:
            return
        try:
            write_records(self._root, self.records)
        except OSError as error:
            raise BuildError(f"cannot write the records of {self._root!r}: {error.strerror}") from None
        self._saved = dict(self.records)
        self._saved_at = time.monotonic()

    def _take(self, outcome: Outcome) -> None:
        self.siblings.update((sibling.path, sibling) for sibling in outcome.siblings)
        self.failures += outcome.failures
        self.records.update(((outcome.digest, coding), record) for coding, record in outcome.records.items())

    def _take_what_is_done(self, futures: dict[Future[Outcome], int]) -> None:
        for future in futures:
            error = None if future.cancelled() else future.exception()
            if isinstance(error, DiskFullError):
                self._take(error.outcome)
            elif error is None and not future.cancelled():
                self._take(future.result())
        with suppress(BuildError):  # what stopped it is told
            self.save()

    def _stopped(self, error: DiskFullError) -> BuildError:
        written = sum(sibling.is_new for sibling in self.siblings.values())
        why = error.__cause__.strerror if isinstance(error.__cause__, OSError) else "failed"
        return BuildError(f"cannot write {error.path!r}: {why}; the {written:,} files that were written are valid")

    def _tell(self, done: int, length: int) -> None:
        self._done += done
        if self._progress is not None:
            self._progress(self._done, length)

    def _save_at_times(self) -> None:
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self.save()
