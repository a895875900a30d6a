"""What the documents say is what the code does."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from whitemedia import WhiteMedia
from whitemedia.media.options import MediaOptions
from whitemedia.media.upload_options import UploadOptions
from whitemedia.options import WHOLE_INSTANCE, Options

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
EXAMPLE = PROJECT / "docs" / "examples" / "flask"


def _python_blocks() -> Iterator[Any]:
    for document in DOCUMENTS:
        for number, block in enumerate(re.findall(r"```python\n(.*?)```", document.read_text("utf-8"), re.DOTALL)):
            yield pytest.param(block, id=f"{document.relative_to(PROJECT)}-{number}")


def _application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"application"]


@pytest.mark.parametrize("block", list(_python_blocks()))
def test_every_python_example_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("static", "dist"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "report.pdf").write_bytes(b"%PDF-1.7")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "example", types.ModuleType("example"))  # Pyramid looks who calls
    names: dict[str, Any] = {"__name__": "example", "application": _application, "WhiteMedia": WhiteMedia}
    names["wm"] = WhiteMedia(_application)
    exec(compile(block, "example", "exec"), names)


def test_every_relative_link_leads_to_a_file() -> None:
    missing = [
        f"{document.name}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("option", dataclasses.fields(Options), ids=lambda option: option.name)
def test_every_option_is_documented_with_its_default(option: dataclasses.Field[Any]) -> None:
    default = {} if option.name == "mimetypes" else option.default
    shown = repr(default).replace("'", '"')
    assert f"**`{option.name}`** = `{shown}`" in (PROJECT / "docs" / "options.md").read_text("utf-8")
    assert f"| `{option.name}` |" in (PROJECT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("option", dataclasses.fields(MediaOptions), ids=lambda option: option.name)
def test_every_option_of_media_is_documented_with_its_default(option: dataclasses.Field[Any]) -> None:
    default = {} if option.name == "mimetypes" else option.default
    shown = repr(default).replace("'", '"')
    assert f"**`{option.name}`** = `{shown}`" in (PROJECT / "docs" / "media.md").read_text("utf-8")


@pytest.mark.parametrize("option", dataclasses.fields(UploadOptions), ids=lambda option: option.name)
def test_every_option_of_uploads_is_documented_with_its_default(option: dataclasses.Field[Any]) -> None:
    default = {} if option.name == "mimetypes" else option.default
    shown = {"accept": "what is shown", "mode": "`0o644`"}.get(option.name, f"`{default!r}`".replace("'", '"'))
    assert f"**`{option.name}`** = {shown}" in (PROJECT / "docs" / "uploads.md").read_text("utf-8")


def test_the_options_that_cannot_differ_between_roots_are_named() -> None:
    for document in ("README.md", "docs/options.md"):
        text = " ".join((PROJECT / document).read_text("utf-8").split())
        for name in WHOLE_INSTANCE:
            assert re.search(rf"any option but[^.]*`{name}`|All but[^.]*`{name}`", text), (document, name)


def test_the_readme_shows_the_answer_that_the_example_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    spec = importlib.util.spec_from_file_location("flask_example", EXAMPLE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "flask_example", module)
    spec.loader.exec_module(module)
    answer = module.app.test_client().head("/static/style.css", headers={"Accept-Encoding": "gzip, br"})
    readme = (PROJECT / "README.md").read_text("utf-8")
    shown = re.findall(
        r"^([A-Z][\w-]+): (.*)$", readme.split("HTTP/1.1 200 OK\n")[1].split("```")[0], re.MULTILINE
    )
    dated = {"Last-Modified", "ETag", "Content-Length"}  # of the checkout, and of the version of brotli
    assert [pair for pair in answer.headers.items() if pair[0] not in dated] == [
        pair for pair in shown if pair[0] not in dated
    ]
    assert {name for name, _ in shown} == {name for name, _ in answer.headers.items()}


def test_the_readme_has_the_commands_that_run_the_example_and_the_tests() -> None:
    commands = re.findall(r"^\$ (python3 -m venv .*)$", (PROJECT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 3
    assert "whitemedia serve" in commands[0]
    assert "gunicorn" in commands[1]
    assert commands[2].endswith("-m pytest")
