"""What is wrong with an upload is told by forms, before anything is saved."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.http import HttpRequest, HttpResponse
from django.test import Client

from tests.django.media_site import PAGE, PNG, REFUSED, Refused, files_in, read, storage
from tests.django.project import viewing
from whitemedia.django.media import MediaStorage, MediaValidator


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
