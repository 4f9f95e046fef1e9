"""A person's lines of the duty ledger on the person's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from accounts.models import Role
from accounts.permissions import reads_registers
from duties import sources
from duties.models import DutyRecord, Source

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person


def records_of(person: Person, user: User) -> dict[str, Any]:
    """Return what a person did, newest first and by year, as far as the user may see it.

    One query, and one for each register that lines come from, however many lines there are.
    """
    rows = DutyRecord.objects.visible_to(user).filter(seat__person=person).select_related("type", "recorded_by")
    records = list(rows)
    if not records and person.user_id != user.pk and not user.has_role(Role.STAFF, Role.LEADER, Role.TOWNSHIP):
        return {}
    follow = {(record.source, record.source_id) for record in records if not record.is_typed}
    pages = sources.addresses(user, follow)
    years = [_year(year, list(found), pages, user) for year, found in groupby(records, lambda row: row.done_on.year)]
    return {"duties": {"total": len(records), "kinds": _bars(records), "years": years}}


def _kinds(records: Iterable[DutyRecord]) -> list[tuple[str, int]]:
    return Counter(record.type.name for record in records).most_common()


def _bars(records: Iterable[DutyRecord]) -> list[dict[str, Any]]:
    kinds = _kinds(records)
    return [{"label": name, "value": n, "share": round(100 * n / kinds[0][1], 1)} for name, n in kinds]


def _year(year: int, records: list[DutyRecord], pages: dict[tuple[str, int], str], user: User) -> dict[str, Any]:
    kinds = [{"label": name, "value": n} for name, n in _kinds(records)]
    return {"year": year, "total": len(records), "kinds": kinds, "lines": [_line(row, pages, user) for row in records]}


def source_label(record: DutyRecord) -> str:
    """Return where a line comes from, in words; of one that the leader of the group entered, by whom."""
    if record.source == Source.LEADER and record.recorded_by:
        return f"由{record.recorded_by}代为登记"
    return record.get_source_display()


def _line(record: DutyRecord, pages: dict[tuple[str, int], str], user: User) -> dict[str, Any]:
    if record.is_typed:
        url = reverse("admin:duties_dutyrecord_change", args=[record.pk]) if reads_registers(user) else ""
    else:
        url = pages.get((record.source, record.source_id), "")
    quantity = "" if record.quantity is None else f"{record.quantity:f}".removesuffix(".0")
    return {
        "done_on": record.done_on,
        "type": record.type.name,
        "topic": record.topic,
        "place": record.place,
        "content": record.content,
        "quantity": quantity,
        "suggestions": record.suggestions,
        "source_label": source_label(record),
        "url": url,
    }
