"""Which URLs name their content by a hash that a build tool put in them: such a file never changes under that name.

A file wrongly taken for one is stale in browsers for a year; one wrongly not taken is only asked for again. So a
hash must stand where the tool puts it, in the tool's own digits, and must not read as a word, a date or a number.
That costs each preset up to one real hash in a hundred.

A source map or a list of licences carries the hash of its script, and most tools do not hash it itself: of two under
one name, either belongs to that very script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

# What a vite or esbuild site is made of, besides its pages: those have no hash, and one held for a year is the worst
_TYPES: Final = (
    "[cm]?js|css|map|wasm|json|webmanifest|pdf|txt|vtt|woff2?|eot|[ot]tf|glb|gltf"
    "|a?png|jpe?g|jfif|pjpe?g|pjp|gif|svg|ico|webp|avif|bmp|cur|jxl|mp[34]|webm|ogg|wav|flac|aac|opus|mov|m4a"
)
_DIGITS: Final = "[A-Za-z0-9_-]{8}"

# Beneath which directory, and the name there: `x.md.<hash>.lean.js` is VitePress's; Astro adds what it did to an image
_VITE: Final = (
    ("/", re.compile(rf".*[.-]({_DIGITS})(?:\.lean)?(\.(?:{_TYPES})(?:\.map)?)")),
    ("/_nuxt/", re.compile(rf"({_DIGITS})(\.(?:{_TYPES})(?:\.map)?)")),
    ("/_astro/", re.compile(rf".*\.({_DIGITS})_[0-9A-Za-z]{{1,7}}(\.(?:{_TYPES}))")),
)
_SVELTEKIT: Final = "/_app/immutable/"
_WEBPACK: Final = re.compile(  # the look-behind: not the end of a UUID, which names a thing and not its content
    r"(?:.*([.-])(?<!-[0-9a-f]{4}-[0-9a-f]{4}-))?([0-9a-f]{8,20}|[0-9a-f]{32})"
    r"((?:\.[A-Za-z0-9]{1,16}){1,4})"
)
_WHOLE_LENGTH: Final = 20
"""Digits of a name that is nothing but webpack's hash; of 24 it may be a database's id, of 32 or 64 the hash of a key."""
_ESBUILD: Final = re.compile(rf".*-([A-Z2-7]{{8}})\.(?:{_TYPES})(?:\.map|\.LEGAL\.txt)?")
_PARCEL: Final = re.compile(r".*\.([0-9a-f]{8})(\.[A-Za-z0-9]{1,16}(?:\.map)?)")
_DJANGO: Final = re.compile(r".+\.([0-9a-f]{12})(?:\.[^.]*)?")

_HEX: Final = re.compile("[0-9a-f]{8}")
_UUID4: Final = re.compile("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
_YEAR: Final = re.compile("(?:19|20)[0-9]{6}|[0-9]{4}(?:19|20)[0-9]{2}")
_NEVER_NUMBERED: Final = re.compile(r"(?:\.[a-z]+)?\.(?:[cm]?js|css|wasm|woff2?|eot|[ot]tf)(?:\.map)?")

_RUN: Final = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
# The letters that follow a letter in words; the 462 other pairs are one in seven of words' pairs, two in three of any
_FOLLOWERS: Final = {
    "a": "bcdgiklmnprstuvy",
    "b": "aeilorsu",
    "c": "acehiklortu",
    "d": "aeiosu",
    "e": "abcdefglmnprstvwx",
    "f": "aefilou",
    "g": "aehinrsu",
    "h": "aeio",
    "i": "abcdefglmnoprstvz",
    "k": "eis",
    "l": "adeilostuy",
    "m": "aeimop",
    "n": "acdefginostv",
    "o": "bcdglmnoprstuvw",
    "p": "aehiloprstu",
    "q": "u",
    "r": "acdegikmnorstuy",
    "s": "acehilopstu",
    "t": "acehilorstuy",
    "u": "abcegilmnprst",
    "v": "aei",
    "w": "aeio",
    "x": "px",
    "y": "p",
    "z": "e",
}
_PAIRS: Final = frozenset(first + second for first, seconds in _FOLLOWERS.items() for second in seconds)


def _is_vite(url: str) -> bool:
    """`-` or `.` and 8 digits of base 64, or 16 until vite 4; SvelteKit keeps a directory for nothing else."""
    if _SVELTEKIT in url:
        return True
    name = _name(url)
    found = (names.fullmatch(name) for directory, names in _VITE if directory in url)
    return any(match is not None and _is_vite_hash(match[1], match[2]) for match in found)


def _is_vite_hash(digits: str, suffix: str) -> bool:
    return _is_hex_hash(digits, suffix) if _HEX.fullmatch(digits) else _is_base64_hash(digits)


def _is_webpack(url: str) -> bool:
    """`.` or `-` and 8 to 20 digits of base 16, as configured, or 32; or 20 alone, as for images.

    Fewer digits, or others, are configured too rarely to be worth the mistakes.
    """
    match = _WEBPACK.fullmatch(_name(url))
    if match is None or _UUID4.fullmatch(match[2]):
        return False
    return (match[1] is not None or len(match[2]) == _WHOLE_LENGTH) and _is_hex_hash(match[2], match[3])


def _is_esbuild(url: str) -> bool:
    """`-` and 8 digits of base 32: capitals and 2 to 7."""
    match = _ESBUILD.fullmatch(_name(url))
    return match is not None and _is_base32_hash(match[1])


def _is_parcel(url: str) -> bool:
    """`.` and 8 digits of base 16. With `--no-content-hash` it writes the like, of paths: then no preset is right."""
    match = _PARCEL.fullmatch(_name(url))
    return match is not None and _is_hex_hash(match[1], match[2])


def _is_django(url: str) -> bool:
    """`.` and 12 digits of base 16 before the last extension, if there is one."""
    match = _DJANGO.fullmatch(_name(url))
    return match is not None and _is_hex_hash(match[1], "")


PRESETS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "vite": _is_vite,
        "webpack": _is_webpack,
        "esbuild": _is_esbuild,
        "parcel": _is_parcel,
        "django": _is_django,
    }
)
"""By tool: whether a decoded URL path names content by that tool's hash."""


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _is_hex_hash(digits: str, suffix: str) -> bool:
    """Letters alone are a word (`deadbeef`: one hash in 2500), numerals alone a date, a time or the number of a picture.

    But of hashes of 8, one in 43 is all numerals: where nobody numbers files, all but dates are hashes.
    """
    if not digits.isdigit():
        return not digits.isalpha()
    return len(digits) == 8 and _YEAR.fullmatch(digits) is None and _NEVER_NUMBERED.fullmatch(suffix) is not None


def _is_base64_hash(digits: str) -> bool:
    """Whether 8 digits are further from words than a name in camelCase is.

    Rollup and rolldown write 128 bits as one number, so that three first digits in four are B, C or D.
    """
    if digits[0] in "BCD":
        return _oddity(digits) >= 4
    return _oddity(digits) >= (8 if digits == digits.lower() else 5)


def _is_base32_hash(digits: str) -> bool:
    """Whether 8 digits are further from words than one in capitals, with or without numerals, is."""
    runs: list[str] = _RUN.findall(digits)
    return len(runs) > 2 or _odd_pairs(runs) > 1


def _oddity(digits: str) -> int:
    """What a reader of words would stumble over: each run of letters or numerals, odd pair and lone letter."""
    runs: list[str] = _RUN.findall(digits)
    lone = sum(len(run) == 1 and run.isalpha() for run in runs)
    return len(runs) + _odd_pairs(runs) + lone


def _odd_pairs(runs: list[str]) -> int:
    words = [run.lower() for run in runs if run.isalpha()]
    return sum(word[at : at + 2] not in _PAIRS for word in words for at in range(len(word) - 1))
