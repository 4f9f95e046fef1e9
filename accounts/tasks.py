"""What the worker does with accounts."""

import structlog
from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.tokens import sweep_requests

log = structlog.get_logger(__name__)


@shared_task(name="accounts.tasks.sweep_api_requests")
def sweep_api_requests(**kwargs) -> None:
    """Forget old answers of the API; started by beat."""
    if forgotten := sweep_requests(now=timezone.now(), days=settings.API_KEEP_DAYS):
        log.info("api_requests_forgotten", requests=forgotten)


@shared_task(name="accounts.tasks.clear_sessions")
def clear_sessions(**kwargs) -> None:
    """Remove what is left of sessions that are over; started by beat."""
    call_command("clearsessions")
