"""What the worker does with deadlines."""

import structlog
from celery import shared_task
from django.utils import timezone

from casework import supervision

log = structlog.get_logger(__name__)


@shared_task(name="casework.tasks.scan_obligations")
def scan_obligations(**kwargs) -> None:
    """Tell whom something falls due or is overdue; started by beat."""
    told = supervision.scan_obligations(now=timezone.now())
    if any(told.values()):
        log.info("obligations_told", **told)
