"""The house stands on its floors: imports go down only, each module loads alone, and nothing is loaded that is not needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1] / "whitemedia"
BELOW = ("http", "rules", "checks", "options", "arguments")
FLOORS = (
    *BELOW,
    "assets",
    "store",
    "build",
    "serving",
    "media",
    "collection",
    "naming",
    "middleware",
    "checking",
    "explaining",
    "gunicorn",
    "django",
    "",
    "cli",
    "flask",
    "pyramid",
    "__main__",
)  # "" is the door, the package itself

BRINGS: dict[str, set[str]] = {**{floor: set() for floor in BELOW}, "assets": {"brotli"}}
"""The libraries that a floor may load."""

DEPENDENCIES = {"brotli", "werkzeug", "markupsafe"}
"""Those that the other floors may load: the package's, and what these bring."""

FRAMEWORKS = {
    "flask": {"flask", "click", "jinja2", "itsdangerous", "blinker"},
    "pyramid": {"pyramid", "webob", "zope", "translationstring", "venusian", "plaster", "hupper", "pkg_resources"},
    "django": {"django", "asgiref", "sqlparse", "typing_extensions", "zoneinfo"},
}
"""The framework that an adapter is for, and what it brings."""

NEVER = {
    "itsdangerous",
    "flask",
    "django",
    "magic",
    "rich",
    "click",
    "jinja2",
    "whitenoise",
    "compression.zstd",
    "backports.zstd",
    "waitress",
}
"""Frameworks, and what is loaded only where a file or a command needs it."""

IMPURE = {
    "os",
    "io",
    "time",
    "logging",
    "pathlib",
    "socket",
    "tempfile",
    "threading",
    "subprocess",
    "shutil",
    "sys",
}
"""What floor 0 has no use for: it makes values of values."""

LOAD = """
import importlib, sys, types
folder, name = sys.argv[1:]
if name != "whitemedia":
    package = sys.modules["whitemedia"] = types.ModuleType("whitemedia")  # without the door, which opens on everything
    package.__path__ = [folder]
else:
    sys.path.insert(0, folder.rpartition("/")[0])
before = set(sys.modules)
importlib.import_module(name)
print(*(set(sys.modules) - before))
"""


def module_name(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(HOUSE.rglob("*.py"))}


def floor_of(module: str) -> str:
    """The first part of the name below the package."""
    return module.partition(".")[2].partition(".")[0]


def height(module: str) -> int:
    return FLOORS.index(floor_of(module))


def imports_of(path: Path) -> Iterator[str]:
    """Every module that is named in an import, wherever it stands: for type checkers, or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield from imported_from(node.module, [alias.name for alias in node.names])


def imported_from(module: str, names: list[str]) -> Iterator[str]:
    """`from package import module` names a module, `from module import value` one of its values."""
    for name in names:
        yield f"{module}.{name}" if f"{module}.{name}" in MODULES else module


def is_of(module: str, library: str) -> bool:
    return module == library or module.startswith(f"{library}.")


def test_every_module_has_its_floor() -> None:
    assert {floor_of(module) for module in MODULES} <= set(FLOORS)
    assert len(MODULES) > 30


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    ours = {name for name in imports_of(MODULES[module]) if is_of(name, "whitemedia")}
    assert {name for name in ours if height(name) > height(module)} == set()


NEEDING_SETTINGS = {"whitemedia.django.runserver_nostatic.management.commands.runserver"}
"""Commands that take the place of another, which applications decide on."""


@pytest.mark.parametrize("module", sorted(MODULES.keys() - NEEDING_SETTINGS))
def test_a_module_loads_alone_and_brings_only_what_its_floor_may(module: str) -> None:
    command = [sys.executable, "-I", "-c", LOAD, str(HOUSE), module]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    framework = FRAMEWORKS.get(floor_of(module), set())
    assert {name for name in loaded for library in NEVER - framework if is_of(name, library)} == set()
    assert {name for name in loaded if is_of(name, "whitemedia") and height(name) > height(module)} == set()
    libraries = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"whitemedia"}
    libraries = {name for name in libraries if not name.startswith("_")}
    assert libraries <= BRINGS.get(floor_of(module), DEPENDENCIES) | framework


FLOOR_0 = [module for module in MODULES if floor_of(module) == "http"]


@pytest.mark.parametrize("module", FLOOR_0)
def test_floor_0_imports_no_door_to_the_world(module: str) -> None:
    assert {name for name in imports_of(MODULES[module]) for library in IMPURE if is_of(name, library)} == set()


@pytest.mark.parametrize("module", FLOOR_0)
def test_floor_0_opens_and_prints_nothing(module: str) -> None:
    names = {node.id for node in ast.walk(ast.parse(MODULES[module].read_text())) if isinstance(node, ast.Name)}
    assert names & {"open", "print", "input", "environ", "__import__"} == set()
