"""What the worker does with uploaded workbooks."""

from celery import shared_task

from workbooks import uploads


@shared_task(name="workbooks.tasks.sweep_uploads")
def sweep_uploads(**kwargs) -> None:
    """Remove uploads that nobody confirmed within a day; started by beat."""
    uploads.sweep()
