"""Which application the user means, and what is told where there is none."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.conftest import Client
from whitemedia import WhiteMedia
from whitemedia.cli import main
from whitemedia.cli.application import load_application, not_found
from whitemedia.cli.command import CommandError

MODULES = {
    "site_app.py": """
import types
from tests.conftest import application
class Wrapped:
    wsgi_app = application
    def __call__(self, environ, start_response):
        return application(environ, start_response)
class Each:
    def __init__(self, environ, start_response):
        self.body = application(environ, start_response)
    def __iter__(self):
        return iter(self.body)
namespace = types.SimpleNamespace(inner=types.SimpleNamespace(app=application))
wrapped = Wrapped()
number = 1
""",
    "site-app.py": "from tests.conftest import application",
    "site_package/__init__.py": "",
    "site_package/wsgi.py": "from tests.conftest import application",
    "site_broken.py": "import no_such_module",
    "site_syntax.py": "def",
    "site_raising.py": "raise ValueError('of the module')",
}

FOUND = {
    "a function": "site_app:application",
    "within objects": "site_app:namespace.inner.app",
    "an object as Flask's": "site_app:wrapped",
    "a class": "site_app:Each",
    "in a package": "site_package.wsgi:application",
    "in a file that is no identifier": "site-app:application",
}

WRONG = {
    "no callable": ("site_app", "expected module:callable"),
    "an empty callable": ("site_app:", "expected module:callable"),
    "no module": (":application", "expected module:callable"),
    "a path": ("./site_app.py:application", "expected module:callable"),
    "a relative module": (".site_app:application", "expected module:callable"),
    "a call": ("site_app:application()", "expected module:callable"),
    "a new line": ("site_app:application\n", "expected module:callable"),
    "a missing module": ("site_none:application", "there is no module 'site_none'"),
    "a missing package": ("site_none.wsgi:application", "there is no module 'site_none'"),
    "a missing submodule": ("site_package.none:application", "there is no module 'site_package.none'"),
    "a module that is no package": ("site_app.none:application", "there is no module 'site_app.none'"),
    "a missing name": ("site_app:none", "module 'site_app' has no 'none'"),
    "a missing attribute": ("site_app:namespace.none", "module 'site_app' has no 'namespace.none'"),
    "a number": ("site_app:number", "not callable: int"),
}

RAISING = {
    "an import that fails": ("site_broken", "ModuleNotFoundError", "No module named 'no_such_module'"),
    "a syntax error": ("site_syntax", "SyntaxError", "invalid syntax"),
    "an error": ("site_raising", "ValueError", "of the module"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the modules, which are forgotten afterwards."""
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


@pytest.mark.parametrize("reference", FOUND.values(), ids=FOUND)
def test_what_is_named_answers_behind_whitemedia(reference: str) -> None:
    client = Client(WhiteMedia(load_application(reference)), validated=False)
    assert client.get("/").is_the_applications


def test_the_working_directory_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "site_app.py").write_text("")
    monkeypatch.syspath_prepend(other)
    load_application("site_app:application")
    assert sys.path[0] == str(folder)


def test_the_working_directory_is_put_there_once(folder: Path) -> None:
    load_application("site_app:application")
    load_application("site_package.wsgi:application")
    assert sys.path.count(str(folder)) == 1


@pytest.mark.parametrize(("reference", "why"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_found_is_told_in_one_line(reference: str, why: str) -> None:
    with pytest.raises(CommandError) as raised:
        load_application(reference)
    assert str(raised.value).startswith(f"--app {reference!r}: {why}")
    assert raised.value.code == 2
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(("module", "error", "message"), RAISING.values(), ids=RAISING)
def test_what_a_module_raises_is_shown_with_its_traceback(
    module: str, error: str, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whitemedia.cli.serve.import_waitress", lambda: None)
    monkeypatch.setattr("whitemedia.cli.serve.listen", lambda *_: nullcontext())
    assert main(["serve", ".", "--app", f"{module}:application"]) == 2
    *trace, last = capsys.readouterr().err.splitlines()
    assert last == f"whitemedia serve: --app '{module}:application': importing it raised {error}"
    assert trace[0] == "Traceback (most recent call last):"
    assert trace[-1] == f"{error}: {message}"
    assert any(f"{module}.py" in line for line in trace)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_where_there_is_none_nothing_is_found(method: str) -> None:
    answer = Client(not_found).request(method, "/")
    assert answer.status == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body == (b"" if method == "HEAD" else b"404 Not Found\n")
