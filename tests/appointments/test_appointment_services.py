"""Writes to the register of appointments, and the meetings that it makes on first use."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment
from appointments.services import AppointmentEntry, UnableToSaveAppointment, save_appointment, save_appointments
from bodies.meetings import meetings_of
from bodies.models import Meeting
from tests import factories as make
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 5)
VALUES = {"name": "王建国", "post": "县教育局局长", "wording": "decide_appoint", "decided_on": DAY}


def save(world: World, *entries: AppointmentEntry) -> str:
    return str(save_appointments(congress=world.congress, entries=entries))


def item(world: World, **values: object) -> Appointment:
    return Appointment(congress=world.congress, **VALUES | values)


def test_items_are_new_changed_or_as_they_were(world: World) -> None:
    full = VALUES | {
        "nominator": "县长",
        "exam_score": Decimal("90.5"),
        "took_oath": True,
        "expected": 30,
        "in_favour": 28,
    }
    assert save(world, AppointmentEntry(None, full), AppointmentEntry(None, VALUES | {"post": "副局长"})) == (
        "新增 2、更新 0、未变 0"
    )
    first, second = Appointment.objects.order_by("pk")
    assert (first.congress, first.nominator, first.exam_score, first.took_oath, first.made_statement) == (
        world.congress, "县长", Decimal("90.5"), True, False,
    )  # fmt: skip
    assert (
        save(world, AppointmentEntry(first, full), AppointmentEntry(second, {"against": 2})) == "新增 0、更新 1、未变 1"
    )
    second.refresh_from_db()
    assert (second.against, second.in_favour, second.nominator) == (2, None, "")


def test_a_meeting_is_made_once_and_known_in_every_spelling(world: World) -> None:
    old = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    Meeting.objects.create(term=world.term, name="第三十次会议")
    names = {world.term: ["第三十次 会议", "第31次会议"], old: {"第31次会议"}}
    found = meetings_of(names=names)
    assert {key: (row.term, row.name) for key, row in found.items()} == {
        (world.term.pk, "第三十次会议"): (world.term, "第三十次会议"),
        (world.term.pk, "第31次会议"): (world.term, "第31次会议"),
        (old.pk, "第31次会议"): (old, "第31次会议"),
    }
    assert meetings_of(names=names) == found
    assert Meeting.objects.count() == 3
    assert meetings_of(names={}) == {}


def test_an_item_is_saved_under_the_meeting_of_its_term(world: World) -> None:
    row = item(world)
    save_appointment(appointment=row, meeting="第三十次会议")
    meeting = Meeting.objects.get()
    assert (row.meeting, meeting.term, meeting.name) == (meeting, world.term, "第三十次会议")
    save_appointment(appointment=row, meeting="第三十次会议")
    old = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    row.decided_on = dt.date(2021, 5, 6)
    save_appointment(appointment=row, meeting="第三十次会议")
    assert list(Meeting.objects.order_by("pk").values_list("term", "name")) == [
        (world.term.pk, "第三十次会议"), (old.pk, "第三十次会议"),
    ]  # fmt: skip
    assert Appointment.objects.get().meeting.term == old
    save_appointment(appointment=row, meeting="")
    assert Appointment.objects.get().meeting is None


def test_no_meeting_outside_all_terms(world: World) -> None:
    row = item(world, decided_on=dt.date(2015, 1, 1))
    with pytest.raises(UnableToSaveAppointment) as refusal:
        save_appointment(appointment=row, meeting="第一次会议")
    assert str(refusal.value) == (
        "日期 2015-01-01 不在云溪县的任何一届之内，会次「第一次会议」无处可归。请核对日期，或先登记这一届，或不填会次。"
    )
    assert (Appointment.objects.count(), Meeting.objects.count()) == (0, 0)
    save_appointment(appointment=row, meeting="")
    row.meeting = Meeting.objects.create(term=world.term, name="第一次会议")
    save_appointment(appointment=row, meeting="第一次会议")
    assert Appointment.objects.get().meeting.term == world.term


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({}, "appointment_once"),
        ({"post": ""}, "appointment_has_name_and_post"),
        ({"name": ""}, "appointment_has_name_and_post"),
        ({"name": "新人", "wording": "elect"}, "appointment_known_wording"),
        ({"name": "新人", "exam_score": Decimal("100.1")}, "appointment_exam_score_to_100"),
        (
            {"name": "新人", "expected": 2, "in_favour": 1, "against": 1, "abstained": 1},
            "appointment_votes_within_expected",
        ),
        ({"name": "新人", "expected": 2, "abstained": 3}, "appointment_votes_within_expected"),
    ],
)
def test_the_database_refuses_what_no_form_let_through(world: World, values: dict, constraint: str) -> None:
    item(world).save()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        save(world, AppointmentEntry(None, VALUES | values))
    assert Appointment.objects.count() == 1
    votes = VALUES | {"name": "新人", "expected": 3, "in_favour": 1, "against": 1, "abstained": 1}
    assert save(world, AppointmentEntry(None, votes)) == "新增 1、更新 0、未变 0"


def test_who_sees_the_items(world: World) -> None:
    item(world).save()
    seen = {
        name: Appointment.objects.visible_to(getattr(world, name)).count()
        for name in ("staff", "leader", "deputy", "township_user", "unit_user", "gov_office", "stranger")
    }
    assert seen == {
        "staff": 1, "leader": 1, "deputy": 0, "township_user": 0, "unit_user": 0, "gov_office": 0, "stranger": 0,
    }  # fmt: skip


def test_the_queries_do_not_grow(world: World) -> None:
    def queries(size: int) -> list[int]:
        found = []
        for score in (None, 80, 80):
            stored = list(Appointment.objects.filter(nominator=str(size)).order_by("pk")) or [None] * size
            entries = [
                AppointmentEntry(
                    row, VALUES | {"name": f"{size}人中第{n}", "nominator": str(size), "exam_score": score}
                )
                for n, row in enumerate(stored)
            ]
            with CaptureQueriesContext(connection) as captured:
                save(world, *entries)
            found.append(len(captured))
        return found

    assert queries(3) == queries(300)
