"""Takes away the oldest entries, whole prefixes of the chain, when they have been kept long enough."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Kind, Seal
from audit.services.recording import record
from audit.services.sealing import lock_chain


class UnableToTrim(Exception):
    """Says why nothing was taken away."""


def months_before(moment: dt.datetime, months: int) -> dt.datetime:
    """Return the moment so many calendar months earlier; the last of the month where the day does not exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s - make_interval(months => %s)", [moment, months])
        return cursor.fetchone()[0]


@transaction.atomic
def trim() -> int:
    """Delete the entries older than the setting, from the beginning of the chain on; return how many.

    An entry with the last number and digest that went is left: there the chain begins now. Raises UnableToTrim when
    an old entry is missing from the chain, which verify_audit names.
    """
    lock_chain()
    before = months_before(timezone.now(), settings.AUDIT_MONTHS)
    kept = Seal.objects.filter(entry__at__gte=before).order_by("number").values_list("number", flat=True).first()
    going = Seal.objects.filter(entry__at__lt=before)
    last = (going.filter(number__lt=kept) if kept else going).order_by("-number").first()
    if last is None:
        return 0
    seals = Seal.objects.filter(number__lte=last.number)
    number = seals.count()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portal.audit_trim = 'on'")
        cursor.execute(
            "DELETE FROM audit_entry e USING audit_seal s WHERE s.entry_id = e.id AND s.number <= %s", [last.number]
        )
        if cursor.rowcount != number:
            raise UnableToTrim("审计记录不完整，没有清理。请先运行 verify_audit 查明。")
        cursor.execute("DELETE FROM audit_seal WHERE number <= %s", [last.number])
        cursor.execute("SET LOCAL portal.audit_trim = 'off'")
    details = {"number": last.number, "digest": last.digest, "rows": number, "before": before.isoformat()}
    record(kind=Kind.TRIM, label=f"清理第 {last.number} 条以前的 {number} 条", details=details)
    return number
