"""A file that a user calls something is stored under a name that says so, and means nothing to any system."""

from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.media import filenames
from whitemedia.media.filenames import LONGEST, safe_name
from whitemedia.media.images import is_thumbnail_name, thumbnail_name
from whitemedia.media.names import compile_hidden, is_plain
from whitemedia.media.uploads import _unhidden
from whitemedia.options import Options

FLAG_OF_WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
FAMILY = "👨‍👩‍👧"

KEPT = {
    "a plain one": "report.pdf",
    "upper case": "IMG_0042.JPG",
    "spaces": "My holiday photo.png",
    "a version": "report v1.2.pdf",
    "a date": "2024.05.01 minutes.txt",
    "no extension": "README",
    "what editors make": "Copy (1) of [draft] & more, final!.docx",
    "signs": "50€ + 10$ = ¥; 'it' {is} ^ok^ `x`@2x.png",
    "an umlaut": "Übung.png",
    "Chinese": "中文文件.pdf",
    "Arabic": "صورة من العطلة.jpg",
    "Hebrew": "תמונה.png",
    "Japanese": "スクリーンショット.png",
    "Korean": "사진.png",
    "Thai": "รูปภาพ.png",
    "Hindi": "फ़ोटो.png",
    "Persian with a non-joiner": "می‌خواهم.pdf",
    "an emoji": "😀.png",
    "an emoji with a selector": "❤️.png",
    "a family of emoji": f"{FAMILY}.jpg",
    "a flag of two letters": "🇩🇪.png",
    "a flag with tags": f"{FLAG_OF_WALES}.png",
    "an extension in Chinese": "a.文档",
    "an extension of sixteen bytes": "a.sixteen-bytes-xx",
    "as long as may be": "x" * 195 + ".txt",
    "a dash inside": "a-b.png",
    "hidden by its end, which is seen to later": "x.bak",
    "a server's settings": "web.config",
    "no device": "console.txt",
    "no device for its digits": "COM10.txt",
    "a width that is none": "photo.w320.png",
}

CHANGED = {
    "nothing": ("", "upload"),
    "no name at all": (None, "upload"),
    "only dots": ("...", "upload"),
    "only dashes": ("---", "upload"),
    "only spaces": ("   ", "upload"),
    "only an extension": (".png", "png"),
    "a dash and an extension": ("-.png", "upload.png"),
    "traversal": ("../../etc/passwd", "passwd"),
    "traversal that ends in nothing": ("../..", "upload"),
    "traversal as on Windows": ("..\\..\\boot.ini", "boot.ini"),
    "both kinds of slashes": ("..\\../a\\b/c.png", "c.png"),
    "an absolute path": ("/etc/cron.d/job.txt", "job.txt"),
    "a path on Windows": ("C:\\Users\\me\\photo.jpg", "photo.jpg"),
    "a drive": ("C:photo.jpg", "C_photo.jpg"),
    "a share": ("\\\\server\\share\\a.png", "a.png"),
    "a device path": ("\\\\.\\PhysicalDrive0", "PhysicalDrive0"),
    "another stream": ("a.txt::$DATA", "a.txt__$DATA"),
    "a folder": ("folder/", "upload"),
    "percent-encoded slashes": ("..%2f..%2fetc%2fpasswd", "_2f._2fetc_2fpasswd"),
    "a URL": ("https://example.com/a.png?x=1#top", "a.png_x=1_top"),
    "a leading dot": (".htaccess", "htaccess"),
    "leading dots": ("..hidden.png", "hidden.png"),
    "a leading dash": ("-rf.txt", "rf.txt"),
    "dashes, dots and spaces": (" . -- . a.txt", "a.txt"),
    "a draft's name": (".whitemedia-draft-1", "whitemedia-draft-1"),
    "the quota's name": (".whitemedia-quota", "whitemedia-quota"),
    "trailing dots": ("a.png...", "a.png"),
    "trailing spaces": ("a.png   ", "a.png"),
    "spaces before the extension": ("a  .png", "a.png"),
    "an editor's copy": ("notes.txt~", "notes.txt_"),
    "a tilde": ("~", "_"),
    "another editor's copy": ("#x#", "_x_"),
    "percent": ("100%.txt", "100_.txt"),
    "quotes": ('say "hello".txt', "say _hello_.txt"),
    "markup": ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
    "wildcards": ("a*b?.txt", "a_b_.txt"),
    "a pipe": ("|ls.txt", "_ls.txt"),
    "a device": ("CON", "_CON"),
    "a device in lower case": ("prn.txt", "_prn.txt"),
    "a device with extensions": ("aux.tar.gz", "_aux_tar.gz"),
    "a device with an inner name": ("con.foo.png", "_con.foo.png"),
    "a device before a space": ("NUL .txt", "_NUL.txt"),
    "a device before a space and a name": ("nul .x.txt", "_nul .x.txt"),
    "a console": ("CONIN$", "_CONIN$"),
    "a console's output": ("conout$.txt", "_conout$.txt"),
    "a port": ("COM1.png", "_COM1.png"),
    "a port with a superscript": ("COM¹.txt", "_COM¹.txt"),
    "a printer": ("lpt9", "_lpt9"),
    "a device in a path": ("a/nul", "_nul"),
    "a device behind dots": ("..con.png", "_con.png"),
    "a device before what is not seen": ("con\u200b.png", "_con.png"),
    "PHP inside": ("shell.php.png", "shell_php.png"),
    "PHP in capitals": ("shell.PHP5.jpg", "shell_PHP5.jpg"),
    "PHP before a space": ("shell.php .png", "shell_php.png"),
    "PHP before a dash": ("shell.php-.png", "shell_php.png"),
    "PHP before dots": ("shell.php...png", "shell_php.png"),
    "PHP before a NUL": ("shell.php\0.png", "shell_php.png"),
    "a program for IIS": ("shell.asp;.jpg", "shell_asp;.jpg"),
    "a program for IIS before more": ("shell.aspx ;1.jpg", "shell_aspx ;1.jpg"),
    "a program for IIS at the end": ("shell.asp;jpg", "shell_asp;jpg"),
    "a page inside": ("page.html.png", "page_html.png"),
    "a script inside": ("a.js.txt", "a_js.txt"),
    "a coding inside": ("app.css.br", "app_css.br"),
    "a coding further in": ("app.br.png", "app_br.png"),
    "a thumbnail's name": ("photo.320w.webp", "photo_320w.webp"),
    "an archive": ("archive.tar.gz", "archive_tar.gz"),
    "letters that are extensions": ("a.b.c.txt", "a_b_c.txt"),
    "a user's file for a server": ("x.htaccess.txt", "x_htaccess.txt"),
    "text that runs backwards": ("photo\u202egnp.exe", "photognp.exe"),
    "marks and isolates": ("\u2066a\u2069\u200e\u200f.png", "a.png"),
    "a newline": ("a\nb.png", "a b.png"),
    "a header": ("a.png\r\nSet-Cookie: x=1", "a.png Set-Cookie_ x=1"),
    "controls": ("a\x01\x1b[31m\x7f\x9f.png", "a[31m.png"),
    "a NUL": ("a.php\0.jpg", "a_php.jpg"),
    "a surrogate": ("a\ud800b.png", "ab.png"),
    "a byte that was no UTF-8": ("a\udcff.png", "a.png"),
    "zero width": ("a\u200b\u2060\ufeffb.png", "ab.png"),
    "what is not seen between spaces": ("a \u200b b.png", "a b.png"),
    "what is not seen in a letter": ("u\u200b\u0308.png", "ü.png"),
    "a soft hyphen": ("a\u00adb.png", "ab.png"),
    "private use": ("a\ue000b.png", "ab.png"),
    "no character": ("a\uffff.png", "a.png"),
    "joiners that join nothing": ("\u200d\u200c.png", "png"),
    "a joiner before a dot": ("\u200d.htaccess", "htaccess"),
    "a joiner for an extension": ("a.\u200d", "a"),
    "tags of no flag": ("a\U000e0068\U000e0069.png", "a.png"),
    "other spaces": ("a\u00a0\u3000\u2003b.png", "a b.png"),
    "letters that look like none": ("\u2800\u3164\uffa0.png", "png"),
    "a decomposed umlaut": ("u\u0308ber.png", "über.png"),
    "decomposed Hangul": (unicodedata.normalize("NFD", "사진.png"), "사진.png"),
    "an extension that is too long": ("a.seventeen-bytes-x", "a.seventeen-bytes-x"),
    "a space in the extension": ("Mr. Smith", "Mr. Smith"),
    "a type with a space in it": ("a.php x", "a.php x"),
}

LONG = {
    "300 characters": ("x" * 300 + ".png", "x" * 196 + ".png"),
    "300 bytes of Chinese": ("中" * 100 + ".png", "中" * 65 + ".png"),
    "300 emoji": ("😀" * 300 + ".png", "😀" * 49 + ".png"),
    "without an extension": ("y" * 300, "y" * 200),
    "cut at a space": ("x" * 195 + " y" * 50 + ".png", "x" * 195 + ".png"),
    "cut behind PHP": ("x" * 192 + ".phpx.png", "x" * 192 + "_php.png"),
    "cut behind PHP, without an extension": ("x" * 196 + ".php" + "x" * 99, "x" * 196 + "_php"),
    "cut in a family": (f"{'x' * 188}{FAMILY}.png", f"{'x' * 188}👨.png"),
    "cut to a device": ("con" + "-" * 300 + "x.png", "_con.png"),
    "a device at full length": ("con." + "x" * 300 + ".png", "_con." + "x" * 191 + ".png"),
    "a long extension": ("a." + "x" * 300, "a." + "x" * 198),
}

ANYTHING = st.text() | st.text("./\\-~ #%:conCON1¹$php.320wbakpng\u200d\u200c\u200b\u0301\u202e\0🏴\U000e0067ü")


@pytest.mark.parametrize("name", KEPT.values(), ids=KEPT)
def test_an_honest_name_is_kept_as_it_is(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(("given_name", "stored"), CHANGED.values(), ids=CHANGED)
def test_what_means_something_goes_and_the_rest_stays(given_name: str | None, stored: str) -> None:
    assert safe_name(given_name) == stored


@pytest.mark.parametrize(("given_name", "stored"), LONG.values(), ids=LONG)
def test_a_long_name_is_cut_at_a_character_and_keeps_its_extension(given_name: str, stored: str) -> None:
    assert safe_name(given_name) == stored


@given(ANYTHING | st.text(min_size=150, max_size=400))
def test_any_text_becomes_one_name_that_is_safe_everywhere(text: str) -> None:
    name = safe_name(text)
    assert name
    assert is_plain(name)
    assert not set(name) & set('/\\<>:"|?*~#%\0')
    assert len(name.encode()) <= LONGEST
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert name.isprintable() or re.search("[\u200c\u200d\U000e0020-\U000e007f]", name)
    assert not re.fullmatch(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|con(in|out)\$) *", name.split(".")[0].lower())
    assert unicodedata.normalize("NFC", name) == name


@given(ANYTHING | st.text(min_size=150, max_size=400))
def test_a_safe_name_is_its_own(text: str) -> None:
    name = safe_name(text)
    assert safe_name(name) == name


@given(ANYTHING, st.sampled_from(["", ".bak", ".swp", "~", "#", ".txt"]))
def test_no_name_is_hidden_where_it_is_stored(text: str, end: str) -> None:
    assert not compile_hidden(Options.hidden)(_unhidden(safe_name(text + end)))


@given(ANYTHING)
def test_no_name_is_a_thumbnail_s_and_each_can_have_one(text: str) -> None:
    name = safe_name(text)
    assert not is_thumbnail_name(name)
    assert is_thumbnail_name(thumbnail_name(name, 320))
    assert len(thumbnail_name(name, 16_383).encode()) <= 255


def test_no_two_names_have_one_thumbnail() -> None:
    names = ["".join(letters) for length in range(1, 6) for letters in itertools.product("a_.", repeat=length)]
    assert len({thumbnail_name(name, 320) for name in names}) == len(names) == 363


@given(ANYTHING, st.sampled_from(["php", "html", "js", "br", "320w", "Phtml", "htaccess", "phtm", "asa"]))
def test_an_extension_that_means_something_is_never_an_inner_one(text: str, extension: str) -> None:
    *inner, _ = safe_name(f"{text}.{extension}.png").lower().split(".")
    assert extension.lower() not in inner[1:]


@given(ANYTHING, st.sampled_from([".png", ".JPG", ".文档"]))
def test_what_a_user_s_file_ends_with_it_keeps(text: str, extension: str) -> None:
    name = safe_name(text + "x" + extension)
    assert name.endswith(extension)
    assert filenames.split_extension(name) == (name.removesuffix(extension), extension)
    assert (
        safe_name(filenames.with_suffix(name, "-0123abcd")).endswith(f"-0123abcd{extension}")
        or len(name.encode()) > 150
    )
