"""What the worker does with proposals."""

import structlog
from celery import shared_task
from django.utils import timezone

from proposals import services

log = structlog.get_logger(__name__)


@shared_task(name="proposals.tasks.pass_over_silence")
def pass_over_silence(**kwargs) -> None:
    """Let go on what waits for overdue opinions alone; started by beat."""
    passed = services.pass_over_silence(now=timezone.now())
    if passed:
        log.info("silence_passed_over", cases=passed)
