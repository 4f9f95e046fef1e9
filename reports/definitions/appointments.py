"""Appointments and removals, by their wording; the wordings add up to the whole."""

from __future__ import annotations

from typing import Any

from appointments.models import Wording
from reports.definitions.headings import APPOINTMENTS
from reports.figures import Count, Figure

_YEAR = "日期在本年度内的任免事项"


def _items(code: str, name: str, definition: str, **where: Any) -> Count:
    return Count(
        code=code,
        name=name,
        unit="人次",
        heading=APPOINTMENTS,
        register="appointments",
        where=where,
        definition=definition,
    )


def _worded(code: str, wording: Wording, name: str = "") -> Count:
    return _items(code, name or wording.label, f"任免总人次中事项为“{wording.label}”的。", wording=wording)


BY_WORDING: tuple[Count, ...] = (
    _worded("decided-appointments", Wording.DECIDE_APPOINT),
    _worded("appointments-made", Wording.APPOINT),
    _worded("approved-appointments", Wording.APPROVE_APPOINT),
    _worded("acting", Wording.ACTING),
    _worded("decided-removals", Wording.DECIDE_REMOVE),
    _worded("removals", Wording.REMOVE),
    _worded("approved-removals", Wording.APPROVE_REMOVE),
    _worded("resignations", Wording.ACCEPT_RESIGNATION, "批准辞职"),
    _worded("dismissals", Wording.DISMISS),
)

APPOINTMENT_FIGURES: tuple[Figure, ...] = (
    _items("appointments", "任免总人次", f"{_YEAR}，一人一职一项计一人次，等于以下各事项之和。"),
    *BY_WORDING,
    _items("law-exams", "任前法律考试人数", "任免总人次中登记了法律考试成绩的。", examined=True),
    _items("statements", "供职发言人数", "任免总人次中登记了供职发言的。", made_statement=True),
    _items("oaths", "宪法宣誓人数", "任免总人次中登记了宪法宣誓的。", took_oath=True),
)
