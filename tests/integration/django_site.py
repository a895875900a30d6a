"""A Django project as people have it: the admin, hashed names, uploads through a form, a private report."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.conftest import plant

USER: Final = "someone"
PASSWORD: Final = "a password for tests"
REPORT: Final = bytes(range(256)) * 10_000

_SETTINGS: Final = """
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "database"}}
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "whitemedia.django",
    "whitemedia.django.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "uploads",
]
LOGIN_URL = "/admin/login/"
MEDIA_ROOT = BASE_DIR / "media"
MEDIA_URL = "media/"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitemedia.django.WhiteMediaMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "uploads.urls"
SECRET_KEY = "for tests, as long as Django would have it to be: fifty characters"
STATICFILES_DIRS = [BASE_DIR / "source"]
STATIC_ROOT = BASE_DIR / "collected"
STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitemedia.django.storage.CompressedManifestStaticFilesStorage"},
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
USE_TZ = True
WHITEMEDIA_PRIVATE_ROOTS = {"/protected/": BASE_DIR / "reports"}
WHITEMEDIA_ROOT = BASE_DIR / "top"
WHITEMEDIA_SERVE_MEDIA = True
"""
_MODELS: Final = """
from django.db import models


class Upload(models.Model):
    file = models.FileField()
"""
_VIEWS: Final = """
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from uploads.models import Upload


class UploadForm(forms.ModelForm):
    class Meta:
        model = Upload
        fields = ["file"]


def index(request):
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("index")
    return render(request, "index.html", {"form": form, "uploads": Upload.objects.all()})


@login_required
def report(request):
    return HttpResponse(headers={"X-Accel-Redirect": "/protected/report.pdf"})
"""
_URLS: Final = """
from django.contrib import admin
from django.urls import path

from uploads import views

urlpatterns = [
    path("", views.index, name="index"),
    path("report", views.report),
    path("admin/", admin.site.urls),
]
"""
_PAGE: Final = """{% load static %}<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Uploads</title>
<link rel="stylesheet" href="{% static 'site.css' %}">
<form method="post" enctype="multipart/form-data">{% csrf_token %}{{ form }}<button>Upload</button></form>
{% for upload in uploads %}<p><img src="{{ upload.file.url }}" alt=""><a href="{{ upload.file.url }}">{{ upload.file }}</a></p>{% endfor %}
</html>
"""
_SERVED: Final = """
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

app, asgi = get_wsgi_application(), get_asgi_application()
"""
FILES: Final = MappingProxyType(
    {
        "settings.py": _SETTINGS,
        "wsgi.py": _SERVED,
        "uploads/__init__.py": "",
        "uploads/models.py": _MODELS,
        "uploads/migrations/__init__.py": "",
        "uploads/views.py": _VIEWS,
        "uploads/urls.py": _URLS,
        "uploads/templates/index.html": _PAGE,
        "source/site.css": "body { background: url('images/mark.svg') rgb(1, 2, 3) }\n",
        "source/images/mark.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n',
        "top/favicon.ico": "icon",
    }
)


def write_project(folder: Path) -> None:
    """Write it, migrate its database, add a user, collect its static files."""
    plant(folder, {name: text.encode() for name, text in FILES.items()})
    plant(folder, {"reports/report.pdf": REPORT, "media/.keep": b""})
    manage(folder, "makemigrations", "uploads")
    manage(folder, "migrate")
    manage(folder, "createsuperuser", "--noinput", f"--username={USER}", "--email=someone@example.com")
    manage(folder, "collectstatic", "--noinput")


def manage(folder: Path, *arguments: str) -> str:
    """Run a command of the project's; its output."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(Path(__file__).resolve().parents[2])])
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout
