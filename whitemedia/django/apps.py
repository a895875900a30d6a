"""The application, for INSTALLED_APPS: it brings the system checks and the commands."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class WhiteMediaConfig(AppConfig):
    """`whitemedia.django`, called `whitemedia` where applications are told apart by a label."""

    name = "whitemedia.django"
    label = "whitemedia"
    verbose_name = "whitemedia"

    def ready(self) -> None:
        """Register the system checks."""
        importlib.import_module("whitemedia.django.checks")
