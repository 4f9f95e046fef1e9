"""What the worker does with deadlines."""

import structlog
from celery import shared_task
from django.utils import timezone

from casework import reminding

log = structlog.get_logger(__name__)


@shared_task(name="casework.tasks.scan_obligations")
def scan_obligations(**kwargs) -> None:
    """Remind of what falls due or is overdue; started by beat.

    The digests come after the scan, in one task: a worker that was down makes them of what is due now.
    """
    now = timezone.now()
    told = reminding.scan_obligations(now=now)
    made = reminding.make_digests(now=now)
    if made or any(told.values()):
        log.info("obligations_told", **told, digests=made)
