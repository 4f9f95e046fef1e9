"""What the worker does for reports."""

from celery import shared_task
from django.utils import timezone

from reports import services


@shared_task(name="reports.tasks.make_reports")
def make_reports(**kwargs) -> None:
    """Make the annual workbooks that wait. Rung when one is asked for, and swept by beat."""
    services.make_reports(clock=timezone.now)
