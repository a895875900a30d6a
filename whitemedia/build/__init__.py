"""Building ahead of time: the smallest compressed siblings of every file worth it, and the records that vouch for them.

from whitemedia.build import build

result = build("dist", codings=("br", "gzip"))
print(result.totals, result.is_complete)
"""

from whitemedia.build.building import KEPT_DAYS, build, check
from whitemedia.build.examining import Failure
from whitemedia.build.folder import BuildError
from whitemedia.build.result import BuildResult, Total
from whitemedia.build.working import Progress

__all__ = ["KEPT_DAYS", "BuildError", "BuildResult", "Failure", "Progress", "Total", "build", "check"]
