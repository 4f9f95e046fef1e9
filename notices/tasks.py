"""What the worker does with notices."""

import structlog
from celery import shared_task
from django.utils import timezone

from notices import services
from notices.models import OUTSIDE

log = structlog.get_logger(__name__)


@shared_task(name="notices.tasks.deliver_pending")
def deliver_pending(**kwargs) -> None:
    """Deliver what waits. Rung after each commit that tells somebody something, and swept by beat.

    What goes outside is a task for each channel, so that a slow server holds up nobody else.
    """
    now = timezone.now()
    for channel in services.channels_with_work(now=now):
        services.ring("notices.tasks.send_outside", channel=channel)
    done = services.deliver_pending(now=now)
    if done.total:
        log.info("notices_delivered", sent=done.sent, postponed=done.postponed, failed=done.failed)


@shared_task(name="notices.tasks.send_outside")
def send_outside(channel: str = "", **kwargs) -> None:
    """Send what is due on one outside channel; a channel that this release does not know is left alone."""
    if channel not in OUTSIDE:
        return
    done = services.send_outside(channel=channel, now=timezone.now())
    if done.total:
        log.info("notices_sent", channel=channel, sent=done.sent, postponed=done.postponed, failed=done.failed)
