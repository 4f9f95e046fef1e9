"""The heartbeat: beat sends it, a worker carries it out, `/healthz` looks at both stamps."""

from celery import shared_task
from celery.signals import after_task_publish, beat_init

from portal import pulse


@shared_task(name="portal.tasks.heartbeat")
def heartbeat(**kwargs) -> None:
    """Notes that a worker is taking and finishing tasks."""
    pulse.stamp("worker")


@after_task_publish.connect(sender="portal.tasks.heartbeat")
def note_beat(**kwargs) -> None:
    """Nothing but beat sends heartbeats: one that is out proves that beat runs, with or without a worker."""
    pulse.stamp("beat")


@beat_init.connect
def beat_at_once(**kwargs) -> None:
    """Sends the first heartbeat when beat starts, not a whole interval later."""
    heartbeat.apply_async(expires=10)
