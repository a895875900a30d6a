"""The application: it has nothing but the command."""

from __future__ import annotations

from django.apps import AppConfig


class RunserverNoStaticConfig(AppConfig):
    """`whitemedia.django.runserver_nostatic`."""

    name = "whitemedia.django.runserver_nostatic"
    label = "whitemedia_runserver_nostatic"
    verbose_name = "whitemedia: runserver without static files"
