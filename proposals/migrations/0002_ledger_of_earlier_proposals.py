from itertools import islice

from django.db import migrations
from django.utils import timezone

BATCH = 2000
# As the services called them when the ledger came.
LED, COSIGNED = "提出议案建议", "附议议案建议"


def write_lines(apps, schema_editor):
    """Proposals submitted before there was a ledger get the lines that submitting writes now."""
    proposal_model = apps.get_model("proposals", "Proposal")
    cosignature_model = apps.get_model("proposals", "Cosignature")
    type_model = apps.get_model("duties", "DutyType")
    record_model = apps.get_model("duties", "DutyRecord")
    now = timezone.now()
    submitted = proposal_model.objects.filter(submitted_on__isnull=False)
    types = {}
    for congress in submitted.order_by().values_list("congress", flat=True).distinct():
        for name in (LED, COSIGNED):
            types[congress, name], _ = type_model.objects.get_or_create(congress_id=congress, name=name)

    def line(congress, seat, day, name, title, proposal, suggestions):
        return record_model(
            congress_id=congress,
            seat_id=seat,
            done_on=day,
            type=types[congress, name],
            topic=title,
            suggestions=suggestions,
            source="proposal",
            source_id=proposal,
            recorded_at=now,
        )

    led = (
        line(congress, seat, day, LED, title, pk, 1)
        for pk, congress, seat, day, title in submitted.order_by("pk").values_list(
            "pk", "congress", "lead", "submitted_on", "title"
        )
    )
    signed = (
        line(congress, seat, day, COSIGNED, title, pk, 0)
        for pk, congress, lead, day, title, seat in cosignature_model.objects.filter(proposal__in=submitted.values("pk"))
        .order_by("pk")
        .values_list(
            "proposal",
            "proposal__congress",
            "proposal__lead",
            "proposal__submitted_on",
            "proposal__title",
            "seat",
        )
        if seat != lead
    )
    for rows in (led, signed):
        while batch := list(islice(rows, BATCH)):
            record_model.objects.bulk_create(batch, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0001_initial"),
        ("duties", "0001_initial"),
    ]
    operations = [migrations.RunPython(write_lines, migrations.RunPython.noop)]
