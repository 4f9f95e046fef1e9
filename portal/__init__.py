"""The project package: settings, urls, Celery, embedded services, health. The top layer: nothing imports it."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
