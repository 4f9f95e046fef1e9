"""The demo county as it lies in the database, on days that try it."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.db.models import Count, F, Q
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Role, User
from bodies.models import Congress, Level
from casework.calendar import WorkCalendar
from casework.models import Case, CaseStatus, Event, Obligation, ObligationState, StepRun
from casework.rules import light
from deputies.models import DeputyGroup, Person, Seat
from duties.models import DutyRecord
from notices.models import Message, Notice, NoticeState
from portal.demo import county
from portal.demo.last_year import plan_last_year
from portal.demo.logins import DEMO_PASSWORD, LOGINS, Login
from portal.demo.plan import Window, sessions_of
from portal.demo.play import Play
from portal.demo.topics import CATEGORIES
from proposals import services
from proposals.models import Assignment, Cosignature, Feedback, Proposal, ProposalQuerySet, Reply
from tests.factories import at

pytestmark = pytest.mark.slow

TODAYS = [at(2026, 1, 2, 0), at(2026, 2, 28, 15), at(2026, 11, 30, 9)]
LIGHTS = {"green", "yellow", "red"}


@dataclass(frozen=True)
class Demo:
    """The day for which the county was loaded, and that it is a day on which the year is full."""

    today: dt.date
    now: dt.datetime
    is_full: bool

    def year(self, year: int) -> ProposalQuerySet:
        return Proposal.objects.filter(submitted_on__year=year)


@pytest.fixture(scope="module", params=TODAYS, ids=str)
def demo(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Demo]:
    """Loads the county once for all tests of a day, and takes it back."""
    now = request.param
    today = now.date()
    with django_db_blocker.unblock(), transaction.atomic():
        county.load(now=now)
        yield Demo(today, now, today.month > 1)
        transaction.set_rollback(True)


def test_last_year_is_the_published_one(demo: Demo) -> None:
    rows = demo.year(demo.today.year - 1)
    assert (rows.count(), rows.filter(form="suggestion", status=CaseStatus.CLOSED, closed_as="rated").count()) == (
        249,
        249,
    )
    last_round = Feedback.objects.filter(round__proposal__in=rows).exclude(
        round__number__lt=2, round__proposal__rounds__number=2
    )
    replies = Reply.objects.filter(assignment__round__in=last_round.values("round"))
    outcomes = Counter(replies.values_list("outcome__code", flat=True))
    assert outcomes == {"A": 131, "B": 105, "C": 13}
    assert replies.filter(outcome__counts_as_solved=True).count() == 236
    assert Counter(last_round.values_list("result", flat=True)) == {"satisfied": 225, "basically": 24}
    assert Feedback.objects.filter(round__proposal__in=rows, result="dissatisfied", round__number=1).count() == 7
    assert rows.filter(period="in_session").count() == 221
    assert sorted(rows.values_list("number", flat=True)) == list(range(1, 250))
    assert not Obligation.objects.open().filter(case__in=rows).exists()


def test_this_year_has_every_stage_and_every_light(demo: Demo) -> None:
    running = Case.objects.filter(status=CaseStatus.OPEN)
    assert set(running.values_list("step__stage", flat=True)) == {"submit", "review", "assign", "reply", "rate"}
    due = Obligation.objects.open().values_list("due_on", flat=True)
    assert {light(day, demo.today, "open")[0] for day in due} == LIGHTS
    assert all((day - demo.today).days >= -21 for day in due)
    assert Case.objects.filter(status=CaseStatus.DRAFT).count() == 6
    if demo.is_full:
        assert 100 <= demo.year(demo.today.year).count() <= 125
        assert not demo.year(demo.today.year - 2).exists()
        assert demo.year(demo.today.year).filter(review_result="not_registered").count() == 4
        bills = demo.year(demo.today.year).filter(form="bill").annotate(signed=Count("cosignatures"))
        assert bills.count() == 4
        assert all(bill.signed >= 10 for bill in bills)


def test_every_case_is_in_one_step_and_owes_what_the_step_owes(demo: Demo) -> None:
    open_runs = dict(StepRun.objects.filter(left_at=None).values_list("case", "step"))
    for case in Case.objects.exclude(status=CaseStatus.CLOSED):
        assert open_runs.pop(case.pk) == case.step_id
    assert open_runs == {}
    owed: dict[int, set[str]] = {}
    for row in Obligation.objects.open():
        owed.setdefault(row.case_id, set()).add(row.act)
    expected = {"submit": {"submit"}, "review": {"review"}, "assign": {"assign"}, "rate": {"rate"}}
    for case in Case.objects.filter(status=CaseStatus.OPEN).select_related("step"):
        acts = owed.pop(case.pk)
        if case.step.stage == "reply":
            waiting = Assignment.objects.filter(round__proposal=case.pk, acknowledged_at=None).exists()
            assert acts == ({"acknowledge", "reply"} if waiting else {"reply"})
        else:
            assert acts == expected[case.step.stage]
    assert owed == {}


def test_history_is_in_order_and_never_ahead_of_time(demo: Demo) -> None:
    assert not Event.objects.filter(at__gt=demo.now).exists()
    assert not Obligation.objects.filter(Q(opened_at__gt=demo.now) | Q(closed_at__gt=demo.now)).exists()
    assert not Notice.objects.filter(created_at__gt=demo.now).exists()
    moments: dict[int, dt.datetime] = {}
    for case, moment in Event.objects.order_by("case", "pk").values_list("case", "at"):
        assert moments.get(case, moment) <= moment
        moments[case] = moment
    received = Proposal.objects.filter(receipt_no__isnull=False).order_by("session", "receipt_no")
    dates = list(received.values_list("session", "submitted_on"))
    assert dates == sorted(dates)
    written = Case.objects.annotate(lines=Count("events")).values_list("version", "lines")
    assert all(version == lines + 1 for version, lines in written)


def test_numbers_and_titles_are_given_once(demo: Demo) -> None:
    documents = Reply.objects.values_list("assignment__unit", "document_no")
    assert len(set(documents)) == len(documents)
    titles = list(Proposal.objects.values_list("title", flat=True))
    assert len(set(titles)) == len(titles)
    assert not [text for text in titles if "{" in text or "}" in text]
    assert not Proposal.objects.filter(Q(body__contains="{") | Q(body__contains="}")).exists()
    assert not Reply.objects.filter(Q(body__contains="{") | Q(body__contains="}")).exists()
    assert all(
        f"《{row.assignment.round.proposal.title}》" in row.body
        for row in Reply.objects.select_related("assignment__round__proposal")
    )


def test_roster_has_the_proportions_of_a_county(demo: Demo) -> None:
    del demo
    seats = Seat.objects.filter(term__congress__code="990100")
    assert (seats.count(), seats.filter(person__gender="女").count()) == (260, 78)
    assert 12 <= sum(seat.person.is_minority for seat in seats.select_related("person")) <= 32
    assert seats.filter(is_committee_member=True).count() == 33
    assert Congress.objects.filter(level=Level.TOWNSHIP, parent__code="990100").count() == 14
    groups = DeputyGroup.objects.annotate(
        size=Count("members"), led=Count("members", filter=Q(members__office="leader"))
    )
    assert len(groups) == 20
    assert all(14 <= group.size <= 24 and group.led == 1 for group in groups)
    leader = Person.objects.get(user__username="daibiao1")
    assert set(leader.seats.get().group_memberships.values_list("office", flat=True)) == {"leader"}
    phones = [person.phone for person in Person.objects.all()]
    assert len(set(phones)) == 260
    assert all(phone.startswith("1990000") and len(phone) == 11 for phone in phones)
    assert {row.name for row in Congress.objects.get(code="990100").proposal_categories.all()} == set(CATEGORIES)
    assert not Cosignature.objects.filter(seat=F("proposal__lead")).exists()


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login.username)
def test_every_demo_account_opens_and_has_something_to_do(demo: Demo, login: Login) -> None:
    user = User.objects.get(username=login.username)
    assert user.check_password(DEMO_PASSWORD)
    assert user.is_staff == (login.role in {Role.STAFF, None})
    assert user.is_superuser == (login.role is None)
    if login.role is None:
        assert user.hat is None
        return
    assert Proposal.objects.visible_to(user).exists()
    unread = Message.objects.filter(recipient=user, read_at=None).count()
    assert 1 <= unread <= 8
    if login.role in {Role.STAFF, Role.UNIT, Role.DEPUTY}:
        due = Obligation.objects.open().owed_by(user).values_list("due_on", flat=True)
        assert {light(day, demo.today, "open")[0] for day in due} == LIGHTS


def test_nothing_waits_to_be_sent_and_boxes_are_mostly_read(demo: Demo) -> None:
    del demo
    assert not Notice.objects.exclude(state=NoticeState.SENT).exists()
    assert Message.objects.count() == Notice.objects.count()
    unread = Message.objects.filter(read_at=None)
    assert unread.count() < Message.objects.count() / 3
    # What was done long ago asks for nothing any more.
    still_owed = {f"obligation:{row.pk}" for row in Obligation.objects.open()}
    assert {
        message.notice.object_key for message in unread.filter(notice__rule="new").select_related("notice")
    } <= still_owed


def test_loading_again_is_refused_and_changes_nothing(demo: Demo) -> None:
    before = (Case.objects.count(), User.objects.count(), Congress.objects.count())
    with pytest.raises(county.UnableToLoadDemo, match="已经装入过"), transaction.atomic():
        county.load(now=demo.now)
    assert (Case.objects.count(), User.objects.count(), Congress.objects.count()) == before


def test_settled_obligations_were_settled_by_somebody(demo: Demo) -> None:
    del demo
    done = Obligation.objects.exclude(state=ObligationState.OPEN)
    assert not done.filter(closed_by=None).exists()
    assert not done.filter(closed_at__lt=F("opened_at")).exists()


def rows_left() -> dict[str, list]:
    """Everything that the stories left behind, without keys that differ from run to run."""
    orders = {
        StepRun: ("step__code", "entered_at", "left_at", "left_by", "outcome"),
        Event: ("at", "actor", "actor_label", "step_label", "verb", "sentence", "data", "is_imported"),
        Obligation: (
            *("act", "verb", "owner_user", "owner_unit", "owner_role", "owner_label", "from_label", "opened_at"),
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
        model.__name__: list(
            model.objects.order_by("case__proposal__receipt_no", "pk").values_list("case__title", *names)
        )
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
        *("lead", "suggested_unit", "body", "kind", "is_imported", "nature", "paper_cosigners"),
    ]
    found["Proposal"] = list(Proposal.objects.order_by("receipt_no").values_list(*names))
    by_proposal = {
        "rounds": ("rounds__number", "rounds__opened_at", "rounds__reason"),
        "tasks": tuple(
            f"rounds__assignments__{name}"
            for name in ("unit", "role", "assigned_on", "due_on", "acknowledged_at", "acknowledged_by")
        ),
        "contacts": tuple(
            f"rounds__assignments__contacts__{name}"
            for name in ("contacted_on", "way", "summary", "recorded_at", "recorded_by")
        ),
        "replies": tuple(
            f"rounds__assignments__replies__{name}"
            for name in ("replied_on", "document_no", "outcome", "body", "recorded_at", "recorded_by", "is_imported")
        ),
        "feedbacks": tuple(
            f"rounds__feedbacks__{name}"
            for name in ("seat", "attitude", "result", "opinion", "given_at", "recorded_by", "is_imported")
        ),
        "cosigners": ("cosignatures__seat",),
    }
    for name, columns in by_proposal.items():
        found[name] = sorted(Proposal.objects.values_list("receipt_no", *columns), key=str)
    return found


@pytest.mark.django_db
def test_the_archive_writes_what_the_services_write() -> None:
    services.install_procedures()
    rng = random.Random(5)
    cast, _ = county.cast_of(today=dt.date(2026, 6, 1), rng=rng)
    window = Window(dt.date(2025, 12, 31), WorkCalendar(years=frozenset({2025, 2026})), sessions_of(2025))
    plans = plan_last_year(window, rng)
    again = [plan for plan in plans if len(plan.outcomes) == 2]
    many = [plan for plan in plans if plan.assisting]
    by_hand = plans[100]
    by_hand.due_by_hand = next(act.day for act in by_hand.acts if act.kind == "reply") + dt.timedelta(days=9)
    some = [*again[:2], *many, *plans[:3], by_hand, *plans[150:154]]

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
