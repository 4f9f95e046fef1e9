"""Celery entry points of the audit trail."""

from celery import shared_task

from audit import services


@shared_task(name="audit.tasks.seal_entries")
def seal_entries(**kwargs) -> None:
    """Seal what was written since the last time."""
    services.seal_entries()
