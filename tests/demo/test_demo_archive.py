"""The archive against the services that it replaces: the same stories, row for row."""

import datetime as dt
import random

import pytest
from django.db import transaction

from casework.calendar import WorkCalendar
from casework.models import Event, Obligation, StepRun
from duties.models import DutyRecord
from portal.demo import county
from portal.demo.last_year import plan_last_year
from portal.demo.plan import Window, sessions_of
from portal.demo.play import Play
from portal.demo.this_year import plan_this_year
from proposals import services
from proposals.models import Proposal
from tests.factories import at

pytestmark = pytest.mark.slow


def without_key(value: object) -> object:
    """Which commitment it is about has another number in each run."""
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if name != "commitment"}
    return "commitment" if isinstance(value, str) and value.startswith("commitment:") else value


def rows_left() -> dict[str, list]:
    """Everything that the stories left behind, without keys that differ from run to run."""
    orders = {
        StepRun: ("step__code", "entered_at", "left_at", "left_by", "outcome"),
        Event: ("at", "actor", "actor_label", "step_label", "verb", "sentence", "data", "is_imported"),
        Obligation: (
            *("act", "about", "verb", "owner_user", "owner_unit", "owner_role", "owner_congress", "owner_label"),
            *("from_label", "opened_at", "rolls", "rule_source"),
            *(
                "start_on",
                "rule",
                "due_on",
                "due_basis",
                "is_provisional",
                "is_silent",
                "state",
                "closed_at",
                "closed_by",
            ),
        ),
    }
    found = {
        model.__name__: [
            tuple(map(without_key, row))
            for row in model.objects.order_by(
                "case__proposal__session", "case__proposal__receipt_no", "pk"
            ).values_list("case__title", *names)
        ]
        for model, names in orders.items()
    }
    lines = (
        "seat",
        "done_on",
        "type__name",
        "topic",
        "suggestions",
        "source",
        "typed_as",
        "recorded_at",
        "recorded_by",
    )
    found["DutyRecord"] = list(DutyRecord.objects.order_by("topic", "seat").values_list(*lines))
    names = [
        *(
            "title",
            "label",
            "procedure",
            "step",
            "status",
            "closed_as",
            "closed_at",
            "version",
            "created_at",
            "created_by",
        ),
        *(
            "session",
            "receipt_no",
            "number",
            "form",
            "category",
            "period",
            "disclosure",
            "submitted_on",
            "review_result",
        ),
        *(
            "lead",
            "suggested_unit",
            "body",
            "grounds",
            "plan",
            "formed_by",
            "wants_contact",
            "rules",
            "is_key",
            "kind",
            "is_imported",
            "nature",
            "paper_cosigners",
        ),
    ]
    found["Proposal"] = list(Proposal.objects.order_by("session", "receipt_no").values_list(*names))
    by_proposal = {
        "rounds": ("rounds__number", "rounds__opened_at", "rounds__reason", "rounds__is_complex"),
        "tasks": tuple(
            f"rounds__assignments__{name}"
            for name in (
                "unit",
                "role",
                "assigned_on",
                "due_on",
                "acknowledged_at",
                "acknowledged_by",
                "via_office",
                "ended_at",
            )
        ),
        "commitments": tuple(
            f"commitments__{name}"
            for name in ("unit", "matter", "responsible", "made_on", "due_on", "state", "recorded_at", "recorded_by")
        ),
        "contacts": tuple(
            f"rounds__assignments__contacts__{name}"
            for name in ("contacted_on", "phase", "way", "summary", "recorded_at", "recorded_by")
        ),
        "replies": tuple(
            f"rounds__assignments__replies__{name}"
            for name in (
                *("unit", "replied_on", "document_no", "outcome", "body", "recorded_at", "recorded_by", "is_imported"),
                *("disclosure", "not_public_reason", "signed_by", "contact_name", "contact_phone"),
            )
        ),
        "opinions": tuple(
            f"rounds__assignments__opinions__{name}" for name in ("body", "given_at", "given_by", "sent_back_at")
        ),
        "feedbacks": tuple(
            f"rounds__feedbacks__{name}"
            for name in ("seat", "attitude", "result", "opinion", "given_at", "recorded_by", "is_imported")
        ),
        "cosigners": tuple(f"cosignatures__{name}" for name in ("seat", "state", "answered_at", "text_digest")),
    }
    for name, columns in by_proposal.items():
        found[name] = sorted(Proposal.objects.values_list("session", "receipt_no", *columns), key=str)
    return found


@pytest.mark.django_db
def test_the_archive_writes_what_the_services_write() -> None:
    services.install_procedures()
    rng = random.Random(5)
    cast, _, _ = county.cast_of(today=dt.date(2026, 6, 1), rng=rng)
    window = Window(dt.date(2025, 12, 31), WorkCalendar(years=frozenset({2025, 2026})), sessions_of(2025))
    plans = plan_last_year(window, rng)
    again = [plan for plan in plans if len(plan.outcomes) == 2]
    many = [plan for plan in plans if plan.assisting]
    by_hand = plans[100]
    by_hand.due_by_hand = next(act.day for act in by_hand.acts if act.kind == "reply") + dt.timedelta(days=9)
    running = plan_this_year(Window(dt.date(2026, 6, 1), window.calendar, sessions_of(2026)), rng)
    plain = [plan for plan in running if not (plan.deputy or plan.is_bill or plan.is_separate)]
    still_open = [
        next(plan for plan in plain if plan.state == state) for state in ("acknowledged", "contacted", "rate", "redo")
    ]
    some = [*again[:2], *many, *plans[:2], by_hand, *plans[150:152], *still_open]

    def lived(*, archives: bool) -> dict[str, list]:
        chance = random.Random(7)
        with transaction.atomic():
            play = Play(cast, county.papers(chance), at(2026, 6, 1), chance, archives=archives)
            play.add(some)
            play.perform()
            rows = rows_left()
            transaction.set_rollback(True)
        return rows

    by_services, by_archive = lived(archives=False), lived(archives=True)
    assert len(by_services["Proposal"]) == len(some)
    assert by_services.keys() == by_archive.keys()
    for name, rows in by_services.items():
        assert by_archive[name] == rows, name
