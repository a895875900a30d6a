"""Files of Django's file fields are saved by the rules of a MediaStore, and forms tell of what breaks one."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings

from tests.django.project import viewing
from tests.media.uploading import SECRET, exif, make_picture
from whitemedia.django.media import MediaStorage, MediaValidator
from whitemedia.options import OptionError

PNG = make_picture("PNG")
PAGE = b"<!doctype html><script>alert(1)</script>"


def files_in(root: Path) -> dict[str, int]:
    """All but what is ours, with their lengths."""
    found = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".whitemedia"))
    return {str(path.relative_to(root)): path.stat().st_size for path in found}


def storage(tmp_path: Path, **options: Any) -> MediaStorage:
    return MediaStorage(location=tmp_path, base_url="/media/", **options)


def read(made: MediaStorage, name: str) -> bytes:
    with made.open(name) as file:
        data: bytes = file.read()
    return data


SAFE = {
    "plain": ("a.png", "a.png"),
    "beneath": ("pictures/2026/a.png", "pictures/2026/a.png"),
    "own script": ("pictures/Übung 中文.png", "pictures/Übung 中文.png"),
    "run by servers": ("pictures/shell.php.png", "pictures/shell_php.png"),
    "hidden": ("pictures/.htaccess.png", "pictures/htaccess.png"),
    "a device": ("CON.png", "_CON.png"),
}


@pytest.mark.parametrize(("name", "saved"), SAFE.values(), ids=list(SAFE))
def test_names_are_safe(tmp_path: Path, name: str, saved: str) -> None:
    assert storage(tmp_path).save(name, ContentFile(PNG)) == saved
    assert files_in(tmp_path) == {saved: len(PNG)}


@pytest.mark.parametrize("name", ["../a.png", "a/../../a.png", "/etc/a.png"])
def test_no_name_leads_out_of_the_location(tmp_path: Path, name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        storage(tmp_path / "media").save(name, ContentFile(PNG))
    assert files_in(tmp_path) == {}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made = storage(tmp_path)
    first, second = (made.save("a/b.txt", ContentFile(data)) for data in (b"first", b"second"))
    assert first != second
    assert read(made, first) == b"first"
    assert read(made, second) == b"second"


def test_equal_content_is_kept_once_where_names_are_of_content(tmp_path: Path) -> None:
    made = storage(tmp_path, name="content")
    names = {made.save(name, ContentFile(PNG)) for name in ("p/a.png", "p/b.png")}
    assert len(names) == 1
    assert files_in(tmp_path).keys() == names


def test_a_name_fits_the_field_though_it_is_taken(tmp_path: Path) -> None:
    made = storage(tmp_path)
    names = [made.save(f"p/{'long' * 30}.txt", ContentFile(b"1"), max_length=60) for _ in range(2)]
    assert len(set(names)) == 2
    assert all(len(name) <= 60 and name.endswith(".txt") for name in names)


@pytest.mark.parametrize("options", [{}, {"name": "content"}], ids=["original", "content"])
def test_a_field_without_room_for_any_name_is_an_error(tmp_path: Path, options: Any) -> None:
    with pytest.raises(SuspiciousFileOperation, match="max_length of 18"):
        storage(tmp_path, **options).save("pictures/a.txt", ContentFile(b"1"), max_length=18)


Refused = tuple[dict[str, Any], str, bytes, str, str]

REFUSED: dict[str, Refused] = {
    "another type": ({"accept": "image/*"}, "a.txt", b"1", "wrong_type", "is no file of an accepted type"),
    "another content": ({"accept": "image/*"}, "a.png", PAGE, "wrong_type", "does not contain what its name says"),
    "too large": ({"max_size": 9}, "a.txt", b"1" * 10, "too_large", "is larger than 9 bytes"),
    "no room": ({"quota": 9}, "a.txt", b"1" * 10, "quota_exceeded", "There is no room left"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=list(REFUSED))
def test_what_is_refused_is_a_validation_error_and_leaves_nothing(tmp_path: Path, case: Refused) -> None:
    options, name, data, code, text = case
    with pytest.raises(ValidationError) as caught:
        storage(tmp_path, **options).save(f"p/{name}", ContentFile(data))
    assert caught.value.code == code
    assert text in caught.value.messages[0]
    assert files_in(tmp_path) == {}


def test_the_quota_counts_all_directories_and_gives_back_what_is_deleted(tmp_path: Path) -> None:
    made = storage(tmp_path, quota=10)
    first = made.save("a/1.txt", ContentFile(b"1" * 6))
    with pytest.raises(ValidationError, match="no room"):
        made.save("b/2.txt", ContentFile(b"2" * 6))
    made.delete(first)
    assert made.save("b/2.txt", ContentFile(b"2" * 6)) == "b/2.txt"
    assert not made.has_room(5)
    assert made.has_room(4)


def test_a_file_that_django_has_on_disk_is_saved_too(tmp_path: Path) -> None:
    with TemporaryUploadedFile("a.png", "image/png", len(PNG), None) as upload:
        upload.write(PNG)
        upload.flush()
        assert storage(tmp_path).save("a.png", upload) == "a.png"
    assert files_in(tmp_path) == {"a.png": len(PNG)}


def test_text_is_saved_as_utf_8(tmp_path: Path) -> None:
    made = storage(tmp_path)
    assert read(made, made.save("a.txt", ContentFile("für"))) == "für".encode()


@pytest.mark.parametrize("mode", ["wb", "ab", "r+b"])
def test_nothing_is_opened_for_writing(tmp_path: Path, mode: str) -> None:
    made = storage(tmp_path)
    name = made.save("a.txt", ContentFile(b"1"))
    with pytest.raises(ValueError, match="save a new file instead"):
        made.open(name, mode)
    assert read(made, name) == b"1"


def test_the_rest_is_djangos(tmp_path: Path) -> None:
    made = storage(tmp_path, quota=100)
    name = made.save("a b/ü.txt", ContentFile(b"123"))
    assert (made.exists(name), made.size(name), made.url(name)) == (True, 3, "/media/a%20b/%C3%BC.txt")
    assert made.listdir("") == (["a b"], [])
    assert made.get_modified_time(name).year >= 2026
    made.delete(name)
    made.delete(name)
    made.delete("a b")
    assert made.listdir("") == ([], [])


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX's")
def test_files_and_directories_have_djangos_permissions(tmp_path: Path) -> None:
    with override_settings(FILE_UPLOAD_PERMISSIONS=0o640, FILE_UPLOAD_DIRECTORY_PERMISSIONS=0o750):
        storage(tmp_path).save("a/b/c.txt", ContentFile(b"1"))
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b", "a/b/c.txt")]
    assert modes == [0o750, 0o750, 0o640]


def test_pictures_lose_what_a_camera_wrote_where_that_is_asked_for(tmp_path: Path) -> None:
    taken = make_picture("JPEG", exif=exif())
    assert SECRET in taken
    made = storage(tmp_path, clean=True)
    assert SECRET not in read(made, made.save("a.jpg", ContentFile(taken)))


def test_thumbnails_lie_beside_their_picture_and_go_with_it(tmp_path: Path) -> None:
    made = storage(tmp_path, widths=(10,))
    name = made.save("p/a.png", ContentFile(PNG))
    (thumbnail,) = made.thumbnails(name)
    assert made.exists(thumbnail.name)
    assert made.thumbnail_url(name, 10) == thumbnail.url == made.url(thumbnail.name)
    assert made.thumbnail_url(name, 20) == made.url(name)
    made.delete(name)
    assert files_in(tmp_path) == {}


def test_options_come_from_the_settings(tmp_path: Path) -> None:
    given = {"BACKEND": "whitemedia.django.media.MediaStorage", "OPTIONS": {"accept": "image/*", "max_size": 9}}
    with override_settings(MEDIA_ROOT=tmp_path, MEDIA_URL="/m/"):
        made = storages.create_storage(given)
        assert (made.accept, made.url("a.png")) == ("image/*", "/m/a.png")
        with pytest.raises(ValidationError, match="9 bytes"):
            made.save("a.png", ContentFile(PNG))


@pytest.mark.parametrize("options", [{"max_size": "9"}, {"accept": "?"}, {"clean": 1}, {"quotas": 1}])
def test_a_wrong_option_is_an_error_at_construction(tmp_path: Path, options: Any) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        storage(tmp_path, **options)


def test_without_a_media_root_nothing_is_saved_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with override_settings(MEDIA_ROOT=""), pytest.raises(ImproperlyConfigured, match="MEDIA_ROOT"):
        MediaStorage().save("a.txt", ContentFile(b"1"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "value", [MediaStorage("/srv/media", accept="image/*", quota=9), MediaValidator(accept="image/*", max_size=9)]
)
def test_migrations_can_write_it(value: Any) -> None:
    text, imports = MigrationWriter.serialize(value)
    assert "import whitemedia.django.media" in imports
    names: dict[str, Any] = {}
    exec("\n".join(imports), names)
    again = eval(text, names)
    assert again.deconstruct() == value.deconstruct()


class Document(models.Model):
    """What a page of the project saves."""

    file = models.FileField(upload_to="documents/", validators=[MediaValidator()])

    class Meta:
        app_label = "documents_of_tests"
        managed = False


def test_validators_of_the_same_rules_are_equal() -> None:
    assert MediaValidator(accept="image/*") == MediaValidator(accept="image/*")
    assert MediaValidator(accept="image/*") != MediaValidator(accept="image/*", max_size=9)


def post(field: forms.Field, name: str, data: bytes) -> str:
    """What a real form of the project says of an upload: what is wrong, or "valid"."""

    class Form(forms.Form):
        file = field

    def view(request: HttpRequest) -> HttpResponse:
        form = Form(request.POST, request.FILES)
        return HttpResponse("valid" if form.is_valid() else "; ".join(form.errors["file"]))

    with viewing("/upload/", view):
        answer = Client().post("/upload/", {"file": SimpleUploadedFile(name, data)})
    text: str = answer.content.decode()
    return text


FORMS: dict[str, tuple[str, bytes, str]] = {
    "a picture": ("a.png", PNG, "valid"),
    "a page": ("a.html", PAGE, "“a.html” is no file of an accepted type. Accepted: image/*."),
    "a page as a picture": ("a.png", PAGE, "“a.png” does not contain what its name says. Accepted: image/*."),
    "large": ("a.png", PNG + bytes(2000), "“a.png” is larger than 1 KB."),
    "a sign of formats": ("100% %s.txt", b"1", "“100% %s.txt” is no file of an accepted type. Accepted: image/*."),
}


@pytest.mark.parametrize(("name", "data", "told"), FORMS.values(), ids=list(FORMS))
def test_a_form_tells_its_user_what_is_wrong(name: str, data: bytes, told: str) -> None:
    field = forms.FileField(validators=[MediaValidator(accept="image/*", max_size=1024)])
    assert post(field, name, data) == told


def test_a_form_may_say_it_in_its_own_words() -> None:
    words = {"too_large": "Höchstens %(limit)s für %(filename)s."}
    field = forms.FileField(validators=[MediaValidator(max_size=9)], error_messages=words)
    assert post(field, "a.txt", b"1" * 10) == "Höchstens 9 bytes für a.txt."


def test_by_default_it_accepts_what_is_shown_and_says_so_briefly() -> None:
    told = post(forms.FileField(validators=[MediaValidator()]), "a.exe", b"MZ")
    assert told.endswith("Accepted: application/pdf, audio/*, image/*, text/plain, video/*.")


def model_errors(tmp_path: Path, name: str, data: bytes, **options: Any) -> list[str]:
    """What a ModelForm says of an upload, which it gives to a field with this storage."""
    field = Document._meta.get_field("file")
    field.storage = storage(tmp_path, **options)

    class Form(forms.ModelForm):
        class Meta:
            model = Document
            fields = ("file",)

    form = Form({}, {"file": SimpleUploadedFile(name, data)})
    form.is_valid()
    return list(form.errors.get("file", []))


@pytest.mark.parametrize("case", REFUSED.values(), ids=list(REFUSED))
def test_the_form_of_a_model_tells_what_its_storage_would_refuse(tmp_path: Path, case: Refused) -> None:
    options, name, data, _, text = case
    (told,) = model_errors(tmp_path, name, data, **options)
    assert text in told
    assert files_in(tmp_path) == {}


def test_the_form_of_a_model_takes_what_its_storage_takes(tmp_path: Path) -> None:
    assert model_errors(tmp_path, "a.png", PNG, accept="image/*") == []


def test_a_file_is_judged_and_then_saved_whole(tmp_path: Path) -> None:
    upload = SimpleUploadedFile("a.png", PNG)
    MediaValidator(accept="image/*")(upload)
    made = storage(tmp_path)
    assert read(made, made.save("a.png", upload)) == PNG


def test_a_stored_file_is_not_judged_again(tmp_path: Path) -> None:
    field = Document._meta.get_field("file")
    field.storage = storage(tmp_path, accept="image/*")
    Document(file="documents/kept from before.exe").full_clean(exclude=["id"])


def test_a_save_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise OSError("the connection is gone")
            return super().read(size)

    with pytest.raises(OSError, match="gone"):
        storage(tmp_path).save("a.txt", Broken(b"1" * 1_000_000))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
