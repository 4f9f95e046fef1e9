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


@shared_task(name="proposals.tasks.close_unrated")
def close_unrated(**kwargs) -> None:
    """End what deputies have not rated for as long as the rules allow, or wait for those still in office; by beat."""
    now = timezone.now()
    if excused := services.excuse_who_left(now=now):
        log.info("who_left_excused", cases=excused)
    closed = services.close_unrated_by_rule(now=now)
    if closed:
        log.info("unrated_closed", cases=closed)
