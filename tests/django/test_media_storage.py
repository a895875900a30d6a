"""Files of Django's file fields are saved by the rules of a MediaStore, and forms tell of what breaks one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import override_settings

from tests.django.media_site import PNG, REFUSED, Refused, files_in, read, storage
from tests.media.uploading import SECRET, exif, make_picture
from whitemedia.django.media import MediaStorage
from whitemedia.options import OptionError

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
