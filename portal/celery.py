"""The Celery application. Its settings stand in `portal.settings` under `CELERY_…`."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**kwargs) -> None:
    """Stops Celery from installing handlers of its own: Django's `LOGGING` holds for worker and beat too."""
    logging.config.dictConfig(settings.LOGGING)
