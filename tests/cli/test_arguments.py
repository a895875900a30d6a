"""Which arguments there are, and which options of WhiteMedia they become."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import whitemedia
from whitemedia.cli import build_parser, main
from whitemedia.cli.serve import chosen_options

INDEX: dict[str, object] = {"index_file": "index.html"}

OPTIONS: dict[str, tuple[list[str], dict[str, object]]] = {
    "only the directory": ([], INDEX),
    "index, named": (["--index", "default.htm"], {"index_file": "default.htm"}),
    "index, not named": (["--index"], INDEX),
    "no index": (["--no-index"], {"index_file": None}),
    "autorefresh": (["--autorefresh"], {**INDEX, "autorefresh": True}),
    "max-age": (["--max-age", "0"], {**INDEX, "max_age": 0}),
    "immutable": (["--immutable", "vite"], {**INDEX, "immutable": "vite"}),
    "fallback": (["--fallback", "index.html"], {**INDEX, "fallback": "index.html"}),
    "clean URLs": (["--clean-urls"], {**INDEX, "clean_urls": True}),
    "any origin": (["--cors", "*"], {**INDEX, "cors": "*"}),
    "one origin": (["--cors", "https://a.example"], {**INDEX, "cors": ("https://a.example",)}),
    "two origins": (
        ["--cors", "https://a.example", "--cors", "https://b.example"],
        {**INDEX, "cors": ("https://a.example", "https://b.example")},
    ),
    "compress": (["--compress", "off"], {**INDEX, "compress": "off"}),
    "what is none of WhiteMedia's": (
        ["--list", "--app", "a:b", "--port", "1", "--host", "h", "--prefix", "p"],
        INDEX,
    ),
}

WRONG = {
    "no command": ([], "COMMAND"),
    "an unknown command": (["sirve"], "'sirve'"),
    "no directory": (["serve"], "DIR"),
    "a second directory": (["serve", "a", "b"], "unrecognized arguments: b"),
    "a name for a port": (["serve", "a", "--port", "http"], "'http' is no port"),
    "a negative port": (["serve", "a", "--port", "-1"], "'-1' is no port"),
    "a port above the last": (["serve", "a", "--port", "65536"], "'65536' is no port"),
    "an unknown way to compress": (["serve", "a", "--compress", "fast"], "'fast'"),
    "a word for seconds": (["serve", "a", "--max-age", "long"], "'long'"),
    "index and no index": (["serve", "a", "--index", "b", "--no-index"], "not allowed with"),
    "an abbreviation": (["serve", "a", "--auto"], "--auto"),
}


@pytest.mark.parametrize(("argv", "options"), OPTIONS.values(), ids=OPTIONS)
def test_only_what_was_given_and_the_index_become_options(argv: list[str], options: dict[str, object]) -> None:
    assert chosen_options(build_parser().parse_args(["serve", "dist", *argv])) == options


def test_every_option_can_be_given_to_whitemedia() -> None:
    options = {name for _, options in OPTIONS.values() for name in options}
    assert options <= whitemedia.options.OptionFields.__annotations__.keys()


@pytest.mark.parametrize(("argv", "named"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_named_and_end_with_2(
    argv: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    out, errors = capsys.readouterr()
    assert ended.value.code == 2
    assert out == ""
    assert named in errors.splitlines()[-1]


@pytest.mark.parametrize(("text", "port"), [("0", 0), ("80", 80), ("65535", 65535)])
def test_a_port_is_a_number(text: str, port: int) -> None:
    assert build_parser().parse_args(["serve", "dist", "--port", text]).port == port


def test_by_default_only_this_machine_is_served() -> None:
    arguments = build_parser().parse_args(["serve", "dist"])
    assert (arguments.host, arguments.port, arguments.prefix) == ("127.0.0.1", 8000, "/")


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"whitemedia {whitemedia.__version__}\n"


def test_help_tells_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    shown = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    given = {word for argv, _ in OPTIONS.values() for word in argv if word.startswith("--")}
    assert given <= shown


def test_every_argument_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    shown = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    page = (Path(__file__).parents[2] / "docs" / "serve.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE)) == shown
