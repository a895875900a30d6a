"""For INSTALLED_APPS, before `django.contrib.staticfiles`: `runserver` leaves static files to whitemedia."""
