"""`python -m whitemedia` is `whitemedia`."""

from __future__ import annotations

import sys

from whitemedia.cli import main

if __name__ == "__main__":
    sys.exit(main())
