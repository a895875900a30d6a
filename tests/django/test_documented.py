"""What whitenoise's page on Django says of itself holds of whitenoise, and of us: the same test asks both."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.answers import Answer
from tests.conftest import call, make_environ, plant
from tests.django.project import NOTHING, Project

MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
STORAGES = {"staticfiles": {"BACKEND": MANIFEST}}
KINDS = {
    "whitemedia": ("WHITEMEDIA_", "whitemedia.django.WhiteMediaMiddleware"),
    "whitenoise": ("WHITENOISE_", "whitenoise.middleware.WhiteNoiseMiddleware"),
}
Make = Callable[..., Project]


class Site(Project):
    """A project with either. Ours stands inside a validator and is judged; whitenoise would not pass."""

    def request(self, method: str, path: str, fields: Mapping[str, str] = NOTHING, **environ: object) -> Answer:
        if self.application is not self._called:
            return super().request(method, path, fields, **environ)
        return call(self.application, make_environ(method, path, fields, **environ))


@pytest.fixture(params=list(KINDS))
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes projects with either, of settings that hold to the end of the test: whitenoise reads some late.

    Those of a package are given as `own`, without what they begin with.
    """
    prefix, middleware = KINDS[request.param]
    with contextlib.ExitStack() as stack:

        def make(own: dict[str, Any] | None = None, **given: Any) -> Project:
            settings = {prefix + name: value for name, value in (own or {}).items()}
            stack.enter_context(override_settings(MIDDLEWARE=[middleware], **settings, **given))
            return Site(validated=request.param == "whitemedia")

        yield make


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What is collected."""
    return plant(
        tmp_path / "root", {"a.css": b"a{}", "docs/index.html": b"<p>docs", "a.foo": b"1", "special": b"2"}
    )


def control(answer: Answer) -> str | None:
    return answer.headers["Cache-Control"]


def collect(root: Path, files: dict[str, bytes]) -> None:
    """`collectstatic` with Django's manifest storage, of a directory beside the root."""
    source = plant(root.parent / "source", files)
    with override_settings(STATIC_ROOT=str(root), STORAGES=STORAGES, STATICFILES_DIRS=[str(source)]):
        call_command("collectstatic", interactive=False, stdout=io.StringIO())


def hashed(name: str, data: bytes) -> str:
    """The name that Django gives."""
    stem, extension = os.path.splitext(name)
    return f"{stem}.{hashlib.md5(data, usedforsecurity=False).hexdigest()[:12]}{extension}"


def test_collected_files_are_served(make: Make, root: Path) -> None:
    assert make(STATIC_ROOT=str(root)).get("/static/a.css").body == b"a{}"


def test_static_url_may_have_a_host(make: Make, root: Path) -> None:
    assert make(STATIC_ROOT=str(root), STATIC_URL="https://cdn.example.com/s/").get("/s/a.css").status == 200


def test_the_mount_point_is_removed_from_static_url(make: Make, root: Path) -> None:
    project = make(STATIC_ROOT=str(root), FORCE_SCRIPT_NAME="/my-app", STATIC_URL="/my-app/static/")
    assert project.get("/static/a.css").status == 200


def test_static_prefix_is_where_files_are_served(make: Make, root: Path) -> None:
    assert make({"STATIC_PREFIX": "/x/"}, STATIC_ROOT=str(root)).get("/x/a.css").status == 200


def test_root_is_served_at_the_root(make: Make, root: Path, tmp_path: Path) -> None:
    plant(tmp_path / "top", {"robots.txt": b"r"})
    project = make({"ROOT": str(tmp_path / "top")}, STATIC_ROOT=str(root))
    assert (project.get("/robots.txt").body, project.get("/static/a.css").body) == (b"r", b"a{}")


def test_max_age_is_60_seconds(make: Make, root: Path) -> None:
    assert control(make(STATIC_ROOT=str(root)).get("/static/a.css")) == "max-age=60, public"


def test_max_age_is_0_with_debug(make: Make, root: Path) -> None:
    assert control(make(STATIC_ROOT=str(root), DEBUG=True).get("/static/a.css")) == "max-age=0, public"


def test_max_age_may_be_none(make: Make, root: Path) -> None:
    assert control(make({"MAX_AGE": None}, STATIC_ROOT=str(root)).get("/static/a.css")) is None


def test_hashed_names_of_the_manifest_are_immutable_and_others_are_not(make: Make, tmp_path: Path) -> None:
    files = {"app.js": b"app", "app.0123456789ab.css": b"not hashed"}
    collect(tmp_path / "root", files)
    project = make(STATIC_ROOT=str(tmp_path / "root"), STORAGES=STORAGES)
    name = hashed("app.js", b"app")
    answers = {path: control(project.get(f"/static/{path}")) for path in (name, "app.js", "app.0123456789ab.css")}
    assert "immutable" in str(answers.pop(name))
    assert answers == dict.fromkeys(answers, "max-age=60, public")


def test_with_debug_no_name_is_immutable(make: Make, tmp_path: Path) -> None:
    collect(tmp_path / "root", {"app.js": b"app"})
    project = make(STATIC_ROOT=str(tmp_path / "root"), STORAGES=STORAGES, DEBUG=True)
    assert control(project.get("/static/" + hashed("app.js", b"app"))) == "max-age=0, public"


@pytest.mark.parametrize("test", [r"^.+\.css$", lambda path, url: url.endswith(".css")], ids=["regex", "function"])
def test_immutable_file_test_decides(make: Make, root: Path, test: Any) -> None:
    project = make({"IMMUTABLE_FILE_TEST": test}, STATIC_ROOT=str(root))
    assert "immutable" in str(control(project.get("/static/a.css")))
    assert "immutable" not in str(control(project.get("/static/a.foo")))


@pytest.mark.parametrize("debug", [True, False])
def test_index_files(make: Make, root: Path, debug: bool) -> None:
    project = make({"INDEX_FILE": True}, STATIC_ROOT=str(root), DEBUG=debug)
    assert project.get("/static/docs/").body == b"<p>docs"
    for path, location in (("/static/docs", "docs/"), ("/static/docs/index.html", "./")):
        answer = project.get(path)
        assert (answer.status, answer.headers["Location"]) == (302, location)


def test_media_types_by_extension_and_by_name(make: Make, root: Path) -> None:
    project = make(
        {"MIMETYPES": {".foo": "application/x-foo", "special": "application/x-s"}}, STATIC_ROOT=str(root)
    )
    types = [project.get(f"/static/{name}").headers["Content-Type"] for name in ("a.foo", "special")]
    assert types == ["application/x-foo", "application/x-s"]


def test_charset_is_that_of_text(make: Make, root: Path) -> None:
    answer = make({"CHARSET": "ascii"}, STATIC_ROOT=str(root)).get("/static/a.css")
    assert str(answer.headers["Content-Type"]).replace('"', "") == "text/css; charset=ascii"


@pytest.mark.parametrize(("allowed", "field"), [(True, "*"), (False, None)])
def test_all_origins_are_allowed_or_not(make: Make, root: Path, allowed: bool, field: str | None) -> None:
    project = make({"ALLOW_ALL_ORIGINS": allowed}, STATIC_ROOT=str(root))
    assert project.get("/static/a.css").headers["Access-Control-Allow-Origin"] == field


def test_add_headers_function_may_change_fields(make: Make, root: Path) -> None:
    def add(headers: Any, path: str, url: str) -> None:
        if url == "/static/a.css" and path == str(root / "a.css"):
            headers["Content-Disposition"] = "attachment"

    project = make({"ADD_HEADERS_FUNCTION": add}, STATIC_ROOT=str(root))
    assert project.get("/static/a.css").headers["Content-Disposition"] == "attachment"


def test_files_added_after_the_start_are_not_seen(make: Make, root: Path) -> None:
    project = make(STATIC_ROOT=str(root))
    plant(root, {"new.css": b"new"})
    assert project.get("/static/new.css").is_the_applications


@pytest.mark.parametrize("given", [{"DEBUG": True}, {}], ids=["DEBUG", "AUTOREFRESH"])
def test_autorefresh_sees_files_that_change_come_and_go(make: Make, root: Path, given: dict[str, Any]) -> None:
    project = make({} if given else {"AUTOREFRESH": True}, STATIC_ROOT=str(root), **given)
    plant(root, {"new.css": b"new", "a.css": b"other"}, modified=1_700_000_005)
    (root / "a.foo").unlink()
    assert [project.get(f"/static/{name}").body for name in ("new.css", "a.css")] == [b"new", b"other"]
    assert project.get("/static/a.foo").body != b"1"


@pytest.mark.parametrize("debug", [True, False])
def test_finders_are_asked_in_development_and_where_it_is_said(make: Make, tmp_path: Path, debug: bool) -> None:
    for name in ("one", "two", "three"):
        plant(tmp_path / name, {"a.txt": name.encode(), f"{name}.txt": b"own"})
    dirs = [str(tmp_path / "one"), ("sub", str(tmp_path / "two")), str(tmp_path / "three")]
    project = make({} if debug else {"USE_FINDERS": True}, DEBUG=debug, STATICFILES_DIRS=dirs, STATIC_ROOT=None)
    paths = ("a.txt", "sub/a.txt", "three.txt", "one.txt")
    assert [project.get(f"/static/{path}").body for path in paths] == [b"one", b"two", b"own", b"own"]


def test_finders_are_not_asked_in_production(make: Make, tmp_path: Path, root: Path) -> None:
    dirs = [str(plant(tmp_path / "source", {"b.txt": b"b"}))]
    assert make(STATICFILES_DIRS=dirs, STATIC_ROOT=str(root)).get("/static/b.txt").is_the_applications


@pytest.mark.parametrize("debug", [True, False])
def test_what_finders_find_stands_before_what_is_collected(
    make: Make, tmp_path: Path, root: Path, debug: bool
) -> None:
    dirs = [str(plant(tmp_path / "source", {"a.css": b"source"}))]
    project = make({"USE_FINDERS": True}, DEBUG=debug, STATICFILES_DIRS=dirs, STATIC_ROOT=str(root))
    assert project.get("/static/a.css").body == b"source"


def test_applications_files_are_found(make: Make, root: Path) -> None:
    apps = [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
    ]
    project = make({"USE_FINDERS": True}, INSTALLED_APPS=[*apps, "django.contrib.staticfiles"], STATIC_ROOT=None)
    assert project.get("/static/admin/css/base.css").status == 200
