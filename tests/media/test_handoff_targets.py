"""Every spelling of what an application may name: a file beneath the root, or a 404 and an error that tells of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest

from tests.conftest import open_descriptors, plant
from tests.media.test_handoff import (
    ACCEL,
    FILES,
    SENDFILE,
    UNDECODABLE,
    HandingOff,
    ask,
    errors,
    mount,
    plant_reports,
    wsgi,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_reports(tmp_path_factory.mktemp("handoff"))


def accel(name: str, value: str, sent: str | None = None) -> Any:
    return pytest.param(ACCEL, value, sent, id=f"accel: {name}")


def sendfile(name: str, value: str, sent: str | None = None) -> Any:
    return pytest.param(SENDFILE, value, sent, id=f"sendfile: {name}")


TARGETS = [
    accel("a name", "/protected/a.txt", "a.txt"),
    accel("a name in a folder", "/protected/sub/b.txt", "sub/b.txt"),
    accel("encoded where it need not be", "/protected/%61.%74xt", "a.txt"),
    accel("its prefix encoded", "/%70rotected/a.txt", "a.txt"),
    accel("a space", "/protected/a b.txt", "a b.txt"),
    accel("an encoded space", "/protected/a%20b.txt", "a b.txt"),
    accel("a plus is no space", "/protected/a+b.txt", "a+b.txt"),
    accel("other punctuation", "/protected/a&b=c.txt", "a&b=c.txt"),
    accel("a semicolon", "/protected/a;b.txt", "a;b.txt"),
    accel("a colon", "/protected/a:b.txt", "a:b.txt"),
    accel("an at sign", "/protected/@named", "@named"),
    accel("slashes that were put together", "/protected//a.txt", "a.txt"),
    accel("many of them, in front too", "///protected///sub//b.txt", "sub/b.txt"),
    accel("a doubly encoded slash is a name's", "/protected/a%252Fb.txt", "a%2Fb.txt"),
    accel("an encoded backslash", "/protected/back%5Cslash.txt", "back\\slash.txt"),
    accel("a lone percent sign", "/protected/100%.txt", "100%.txt"),
    accel("an encoded percent sign", "/protected/100%25.txt", "100%.txt"),
    accel("a query is cut off", "/protected/a.txt?download=1&x=/../", "a.txt"),
    accel("an empty query", "/protected/a.txt?", "a.txt"),
    accel("an encoded question mark", "/protected/q%3F.txt", "q?.txt"),
    accel("a hash", "/protected/h#.txt", "h#.txt"),
    accel("an encoded hash", "/protected/h%23.txt", "h#.txt"),
    accel("a quote", '/protected/q".txt', 'q".txt'),
    accel("encoded UTF-8", "/protected/%C3%BC.txt", "ü.txt"),
    accel("UTF-8 as latin-1", wsgi("/protected/ü.txt"), "ü.txt"),
    accel("Chinese as latin-1", wsgi("/protected/中文.txt"), "中文.txt"),
    accel("beyond the basic plane", wsgi("/protected/🎈.txt"), "🎈.txt"),
    accel("latin-1 as a framework leaves it", "/protected/é.txt", "é.txt"),
    accel("text as a framework leaves it", "/protected/中文.txt", "中文.txt"),
    accel("an encoded word, base64", "=?utf-8?b?L3Byb3RlY3RlZC/kuK3mlocudHh0?=", "中文.txt"),
    accel("an encoded word, quoted", "=?utf-8?q?/protected/=E4=B8=AD=E6=96=87=2Etxt?=", "中文.txt"),
    accel("an encoded word of an encoded path", "=?utf-8?q?/protected/=25C3=25BC=2Etxt?=", "ü.txt"),
    accel("bytes that are not UTF-8", "/protected/%FF.txt", UNDECODABLE),
    accel("the same, raw", "/protected/\xff.txt", None),  # U+00FF, to a framework that leaves text as it is
    accel("a line feed", "/protected/new%0Aline.txt", "new\nline.txt"),
    accel("a file of no bytes", "/protected/empty.txt", "empty.txt"),
    accel("a file longer than a block", "/protected/large.bin", "large.bin"),
    accel("a hidden name: the application decides", "/protected/.env", ".env"),
    accel("a backup's name", "/protected/a.txt~", "a.txt~"),
    accel("dots that are a name", "/protected/...", "..."),
    accel("a name that begins with dots", "/protected/..a", "..a"),
    accel("dots that are doubly encoded", "/protected/%252e%252e", "%2e%2e"),
    accel("a name like an encoded word", "/protected/=%3Futf-8%3Fq%3Fa%3F=", "=?utf-8?q?a?="),
    accel("a host's name is a folder", "/protected/host/a.txt", "host/a.txt"),
    accel("a trailing space", "/protected/trailing%20", "trailing "),
    accel("nothing", ""),
    accel("a slash", "/"),
    accel("the prefix", "/protected/"),
    accel("the prefix without its slash", "/protected"),
    accel("a longer prefix", "/protectedx/a.txt"),
    accel("another case", "/PROTECTED/a.txt"),
    accel("a relative path", "protected/a.txt"),
    accel("only a name", "a.txt"),
    accel("only a query", "?/protected/a.txt"),
    accel("an encoded first slash is none", "%2Fprotected/a.txt/.."),
    accel("dots", "/protected/../a.txt"),
    accel("dots that come back", "/protected/sub/../a.txt"),
    accel("dots before the prefix", "/x/../protected/a.txt"),
    accel("encoded dots", "/protected/%2e%2e/a.txt"),
    accel("half encoded dots", "/protected/.%2E/a.txt"),
    accel("dots and encoded slashes", "/protected/..%2F..%2Fa.txt"),
    accel("dots at the end", "/protected/sub/.."),
    accel("one dot", "/protected/./a.txt"),
    accel("overlong dots", "/protected/%C0%AE%C0%AE/a.txt"),
    accel("backslashes and dots", "/protected/..\\a.txt"),
    accel("an encoded slash, which is in no name", "/protected/sub%2Fb.txt"),
    accel("an encoded slash in lower case", "/protected/sub%2fb.txt"),
    accel("an absolute path behind the prefix", "/protected//etc/passwd"),
    accel("a final slash", "/protected/a.txt/"),
    accel("a NUL", "/protected/a.txt%00"),
    accel("a NUL before an extension", "/protected/a.txt%00.png"),
    accel("a host", "//host/protected/a.txt"),
    accel("a URL", "http://localhost/protected/a.txt"),
    accel("a file URL", "file:///protected/a.txt"),
    accel("a named location", "@named"),
    accel("a path in the file system", "{root}/a.txt"),
    accel("an encoded word of no charset", "=?none?b?L3Byb3RlY3RlZC9hLnR4dA==?="),
    accel("an encoded word that is none", "=?utf-8?b?AAAAA?="),
    accel("an encoded word of bytes that are not its", "=?utf-8?q?/protected/=FF.txt?="),
    accel("an encoded word of dots", "=?utf-8?q?/protected/=2E=2E/a=2Etxt?="),
    accel("a lone surrogate", "/protected/\ud800/a.txt"),
    accel("a surrogate escape beside a lone surrogate", "/protected/\udcff\ud800/a.txt"),
    accel("a name longer than any", "/protected/" + "a" * 300),
    accel("a path longer than any", "/protected/" + "a/" * 5000 + "a"),
    accel("a missing file", "/protected/none.txt"),
    accel("a file as a folder", "/protected/a.txt/b.txt"),
    accel("a directory", "/protected/sub"),
    accel("a FIFO", "/protected/fifo"),
    accel("a link to a file beside it", "/protected/inward.txt"),
    accel("a link by an absolute path", "/protected/absolute.txt"),
    accel("a link to a file outside", "/protected/outward.txt"),
    accel("a linked folder", "/protected/inward/b.txt"),
    accel("a linked folder outside", "/protected/outward/secret.txt"),
    accel("a link to nothing", "/protected/dangling"),
    accel("a link to itself", "/protected/loop"),
    sendfile("a path", "{root}/a.txt", "a.txt"),
    sendfile("UTF-8 as latin-1", wsgi("{root}/中文.txt"), "中文.txt"),
    sendfile("latin-1 as a framework leaves it", "{root}/é.txt", "é.txt"),
    sendfile("text as a framework leaves it", "{root}/中文.txt", "中文.txt"),
    sendfile("an undecodable name", "{root}/" + UNDECODABLE, UNDECODABLE),
    sendfile("a question mark is a name's", "{root}/q?.txt", "q?.txt"),
    sendfile("a percent sign is a name's", "{root}/a%2Fb.txt", "a%2Fb.txt"),
    sendfile("encoded dots are a name", "{root}/%2e%2e", "%2e%2e"),
    sendfile("dots that stay within", "{root}/sub/../a.txt", "a.txt"),
    sendfile("dots that come back", "{root}/../reports/a.txt", "a.txt"),
    sendfile("a dot", "{root}/./a.txt", "a.txt"),
    sendfile("a slash too many", "{root}//a.txt", "a.txt"),
    sendfile("dots over a link: as written, not as linked", "{root}/outward/../a.txt", "a.txt"),
    sendfile("two slashes in front", "/{root}/a.txt", "a.txt"),
    sendfile("by a link to the root that it was not given by", "{root}/../alias/sub/b.txt", "sub/b.txt"),
    sendfile("by a link to where the root lies", "{root}/../release/reports/sub/b.txt", "sub/b.txt"),
    sendfile("nothing", ""),
    sendfile("the root", "{root}"),
    sendfile("the root with its slash", "{root}/"),
    sendfile("the root by dots", "{root}/sub/.."),
    sendfile("dots that lead out", "{root}/../a.txt"),
    sendfile("dots that lead elsewhere", "{root}/../outside/secret.txt"),
    sendfile("dots that lead to the top", "{root}" + "/.." * 40 + "/etc/passwd"),
    sendfile("a longer root", "{root}-secret/a.txt"),
    sendfile("another directory", "/etc/passwd"),
    sendfile("a relative path", "a.txt"),
    sendfile("a relative path with dots", "../reports/a.txt"),
    sendfile("a URL path", "/protected/a.txt"),
    sendfile("a file URL", "file://{root}/a.txt"),
    sendfile("a home", "~/a.txt"),
    sendfile("a NUL", "=?utf-8?q?{root}/a.txt=00?="),
    sendfile("a lone surrogate", "{root}/\ud800.txt"),
    sendfile("a link outward", "{root}/outward.txt"),
    sendfile("a linked folder", "{root}/inward/b.txt"),
    sendfile("a link outward, by another path of the root", "{root}/../alias/outward.txt"),
    sendfile("a linked folder, by another path of the root", "{root}/../alias/inward/b.txt"),
    sendfile("a link in the root to the root", "{root}/self/a.txt"),
    sendfile("the root by a link", "{root}/../alias"),
    sendfile("dots that leave a link to the root", "{root}/../alias/../a.txt"),
    sendfile("a link to elsewhere", "{root}/../elsewhere/secret.txt"),
    sendfile("a missing directory", "{root}/../none/a.txt"),
    sendfile("more directories than any path has", "{root}/.." + "/a" * 50_000),
    sendfile("a directory", "{root}/sub"),
    sendfile("a FIFO", "{root}/fifo"),
    sendfile("a missing file", "{root}/none.txt"),
]


@pytest.mark.parametrize(("field", "value", "sent"), TARGETS)
def test_a_file_beneath_the_root_is_sent_and_what_else_is_named_is_a_404_and_an_error(
    root: Path, caplog: pytest.LogCaptureFixture, field: str, value: str, sent: str | None
) -> None:
    value = value.format(root=root)
    before, application = open_descriptors(), HandingOff((field, value))
    answer = ask(mount(validator(application), root))
    assert (application.taken, application.closed) == (0, 1)
    assert open_descriptors() == before
    if sent is None:
        assert (answer.status, answer.body) == (404, b"404 Not Found\n")
        assert (answer.headers["Cache-Control"], answer.headers["ETag"]) == ("no-store", None)
        [message] = errors(caplog)
        assert repr(value) in message or repr(value.rpartition("/")[2])[1:-1] in message
    else:
        assert (answer.status, answer.body, errors(caplog)) == (200, FILES[sent], [])


SPELLINGS = [
    pytest.param("reports", "reports", id="by its path"),
    pytest.param("alias", "alias", id="by the link that it was given by"),
    pytest.param("alias", "reports", id="by what the link leads to"),
    pytest.param("sub/../alias", "reports", id="by what a link behind dots leads to"),
]


@pytest.mark.parametrize("field", [ACCEL, SENDFILE])
@pytest.mark.parametrize(("given", "named"), SPELLINGS)
def test_a_root_that_is_a_link_is_known_by_both_paths(root: Path, field: str, given: str, named: str) -> None:
    (root.parent / "sub").mkdir(exist_ok=True)
    target = "/protected/sub/b.txt" if field == ACCEL else f"{root.parent}/{named}/sub/b.txt"
    answer = ask(mount(HandingOff((field, target)), root.parent / given))
    assert (answer.status, answer.body) == (200, FILES["sub/b.txt"])


def test_no_link_in_a_root_leads_to_another_one_by_whatever_path(tmp_path: Path) -> None:
    """Whoever writes to the one may make links in it, but not have the other's files."""
    uploads = plant(tmp_path / "uploads", {"a.txt": b"uploaded"})
    reports = plant(tmp_path / "reports", {"a.txt": b"secret"})
    (uploads / "link").symlink_to(reports)
    (tmp_path / "alias").symlink_to(uploads)
    application = HandingOff()
    media = mount(application, reports)
    media.add_private(uploads)
    for below, status in (("a.txt", 200), ("link/a.txt", 404)):
        for directory in (uploads, tmp_path / "alias"):
            application.headers[2:] = [(SENDFILE, f"{directory}/{below}")]
            assert ask(media).status == status


def test_a_root_that_is_no_directory_yet_is_looked_for_each_time(tmp_path: Path) -> None:
    application = mount(HandingOff((ACCEL, "/protected/a.txt")), tmp_path / "late")
    assert ask(application).status == 404
    plant(tmp_path / "late", {"a.txt": b"late"})
    assert ask(application).body == b"late"
