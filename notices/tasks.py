"""What the worker does with notices."""

import structlog
from celery import shared_task
from django.utils import timezone

from notices import services

log = structlog.get_logger(__name__)


@shared_task(name="notices.tasks.deliver_pending")
def deliver_pending(**kwargs) -> None:
    """Deliver what waits. Rung after each commit that tells somebody something, and swept by beat."""
    done = services.deliver_pending(now=timezone.now())
    if done.total:
        log.info("notices_delivered", sent=done.sent, postponed=done.postponed, failed=done.failed)
