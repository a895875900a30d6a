"""A representation's validators, dates around its own, and what a condition makes of them."""

from __future__ import annotations

from whitemedia.http.preconditions import Conditions, Outcome, evaluate_preconditions

MEGABYTE = 1_000_000
ETAG = '"v1"'
WEAK_ETAG = 'W/"v1"'
MODIFIED = 784_111_777
NOW = MODIFIED + 1_000_000_000.5

EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
EQUAL = "Sun, 06 Nov 1994 08:49:37 GMT"
EQUAL_RFC_850 = "Sunday, 06-Nov-94 08:49:37 GMT"
EQUAL_ASCTIME = "Sun Nov  6 08:49:37 1994"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"
FAR = "Fri, 31 Dec 9999 23:59:59 GMT"
PRE_EPOCH = "Fri, 01 Jan 1960 00:00:00 GMT"
DATE_LIST = f"{EARLIER}, {EARLIER}"
OTHER_ZONE = "Sun, 06 Nov 1994 08:49:36 +0000"
LONG_YEAR = f"Sun, 06 Nov {'9' * 40} 08:49:37 GMT"

PROCEED, NOT_MODIFIED, FAILED = Outcome.PROCEED, Outcome.NOT_MODIFIED, Outcome.PRECONDITION_FAILED


def evaluate(
    fields: Conditions, method: str = "GET", etag: str = ETAG, modified: int | None = MODIFIED
) -> Outcome:
    return evaluate_preconditions(method, fields, etag, modified, NOW)
