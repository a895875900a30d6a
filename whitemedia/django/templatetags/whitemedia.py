"""What pages say of static files beside their URLs: `{% load whitemedia %}`.

<script src="{% static "app.js" %}" integrity="{% integrity "app.js" %}"></script>
{% preload "css/app.css" %}
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import Final

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from whitemedia.django.serving import served
from whitemedia.http.digests import format_integrity
from whitemedia.http.elements import format_preload_link
from whitemedia.http.media_types import OCTET_STREAM, media_type_by_name

MIDDLEWARE: Final = "whitemedia.django.WhiteMediaMiddleware"

register = template.Library()


@register.simple_tag
def integrity(name: str) -> str:
    """The value of `integrity` for a script or a stylesheet. Raises FileNotFoundError."""
    stored = _stored_name(name)
    if MIDDLEWARE in settings.MIDDLEWARE:
        try:
            return served().integrity(stored)
        except KeyError:  # it was collected since, or another server has it
            pass
    path = (finders.find(name) if settings.DEBUG else None) or staticfiles_storage.path(stored)
    status = os.stat(path)
    return _integrity_of(path, status.st_size, status.st_mtime_ns)


@register.simple_tag
def preload(name: str) -> SafeString:
    """A `<link rel="preload">`, which has the browser load a file at once."""
    media_type = media_type_by_name(name.rpartition("/")[2], {}) or OCTET_STREAM
    return mark_safe(format_preload_link(static(name), media_type))  # noqa: S308 - it is escaped


def _stored_name(name: str) -> str:
    """The name under which pages refer to a file."""
    is_hashed = hasattr(staticfiles_storage, "stored_name") and not settings.DEBUG
    return staticfiles_storage.stored_name(name) if is_hashed else name


@functools.lru_cache(maxsize=1024)
def _integrity_of(path: str, size: int, mtime_ns: int) -> str:  # noqa: ARG001 - another state is another file
    return format_integrity(hashlib.sha256(Path(path).read_bytes()).digest())
