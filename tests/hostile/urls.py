"""Files of the tree, as they are asked for."""

from __future__ import annotations

from tests.conftest import PREFIX

DIGITS, LIB, LARGE = (PREFIX + name for name in ("digits.txt", "lib.js", "large.bin"))
