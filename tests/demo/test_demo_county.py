"""The demo county as it lies in the database, on days that try it."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from django.core.management import CommandError
from django.db import transaction
from django.db.models import Count, F, Q

from accounts.models import Role, User
from appointments.models import Appointment, Wording
from bodies.models import Congress, Level
from casework.models import Case, CaseStatus, Event, Obligation, ObligationState, StepRun
from casework.rules import light
from deputies import retention
from deputies.models import Correction, DeputyGroup, GroupKind, GroupMember, Person, Seat
from duties.models import DutyRecord, GroupActivity, GroupAttendance, Source
from duties.presets import TYPES
from liaison_stations.models import Handling, OpinionItem, Reception, Station, StationKind
from notices.models import Message, Notice, NoticeState
from portal.demo.logins import DEMO_PASSWORD, DEMO_TOTP_SECRET, LOGINS, Login
from portal.demo.topics import CATEGORIES
from proposals.case_presenters import PAGES
from proposals.models import (
    Assignment,
    AssistOpinion,
    Commitment,
    Contact,
    Cosignature,
    Distribution,
    ExtensionRequest,
    Feedback,
    GateCheck,
    Inspection,
    Proposal,
    Reply,
    ReturnRequest,
)
from proposals.presets import OUTLIVES
from reports.definitions import FIGURES
from reports.figures import compute
from reports.scope import scope_of
from tests.demo.buttons import check_buttons
from tests.demo.loading import TODAYS, Demo, load_demo
from training.models import Attendance

# Without the mark no database is made for these tests.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# For what a young year does not have yet.
of_a_full_year = pytest.mark.parametrize("demo", TODAYS[1:], ids=str, indirect=True)
LIGHTS = {"green", "yellow", "red"}


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
    left = set(Obligation.objects.open().filter(case__in=rows).values_list("act", flat=True))
    assert left <= {"commitment", "rectify", "evaluate"}


def test_what_units_promised_is_kept_late_or_still_to_be_kept(demo: Demo) -> None:
    made = Commitment.objects.all()
    assert made.filter(proposal__in=demo.year(demo.today.year - 1)).count() >= 100
    assert set(made.values_list("state", flat=True)) == {"open", "kept", "dropped"}
    for row in made.filter(state="kept").prefetch_related("steps"):
        assert [step.kind for step in row.steps.all()] == ["claim", "confirm"]
        assert row.made_on < row.settled_on < row.due_on <= demo.today
    owed = Obligation.objects.open().filter(act="commitment")
    assert owed.count() == made.filter(state="open").count()
    assert all((row.due_on - demo.today).days >= -12 for row in owed)
    assert not Obligation.objects.open().filter(act="commit").exists()


def test_this_year_has_every_stage_and_every_light(demo: Demo) -> None:
    running = Case.objects.filter(status=CaseStatus.OPEN)
    assert set(running.values_list("step__stage", flat=True)) == {"submit", "review", "assign", "reply", "rate"}
    due = Obligation.objects.open().exclude(act="cosign").values_list("due_on", flat=True)
    assert {light(day, demo.today, "open")[0] for day in due} == LIGHTS
    assert all((day - demo.today).days >= -21 for day in due)
    assert Case.objects.filter(status=CaseStatus.DRAFT).count() == 6
    if demo.is_full:
        assert 100 <= demo.year(demo.today.year).count() <= 125
        assert not demo.year(demo.today.year - 2).exists()
        assert demo.year(demo.today.year).filter(review_result="not_registered").count() == 4
        bills = demo.year(demo.today.year).filter(form="bill").annotate(signed=Count("cosignatures"))
        assert bills.count() == 4
        assert all(bill.signed >= 10 and bill.grounds and bill.plan for bill in bills)


def test_units_were_inspected_last_year_too(demo: Demo) -> None:
    last = Inspection.objects.filter(held_on__year=demo.today.year - 1, items__submitted_on__year=demo.today.year - 1)
    assert last.values("unit").distinct().count() >= 3
    assert Inspection.objects.filter(recorded_at__lt=F("held_on")).count() == 0
    assert not demo.is_full or Inspection.objects.filter(held_on__year=demo.today.year).exists()


def test_the_followed_bill_is_followed_over_three_years(demo: Demo) -> None:
    (bill,) = demo.year(demo.today.year - 3)
    assert (bill.form, bill.status, bill.lead.person.user.username) == ("bill", CaseStatus.CLOSED, "daibiao1")
    steps = bill.milestones.all()
    assert [step.happened_on.year - bill.submitted_on.year for step in steps] == [0, 0, 1, 1, 2]
    assert [step.kind for step in steps] == ["agenda", "inspection", "report", "inquiry", "progress"]
    assert {word in steps[4].text for word in ("42辆校车", "2600名学生")} == {True}


def test_one_has_signed_and_one_is_asked_to(demo: Demo) -> None:
    del demo
    deputies = dict(Cosignature.objects.exclude(invited_at=None).values_list("seat__person__user__username", "state"))
    assert deputies == {"daibiao2": "accepted", "daibiao3": "invited"}


@of_a_full_year
def test_a_full_year_shows_what_units_ask_for_and_offices_decide(demo: Demo) -> None:
    now = demo.year(demo.today.year)
    asked = Counter(ReturnRequest.objects.values_list("state", flat=True))
    assert asked == {"waiting": 2, "granted": 1}
    granted = ReturnRequest.objects.get(state="granted").assignment
    assert (granted.role, granted.ended_as) == ("lead", "returned")
    assert granted.round.assignments.in_force().get(role="lead").assigned_on >= granted.assigned_on
    assert Counter(ExtensionRequest.objects.values_list("state", flat=True)) == {"waiting": 1, "granted": 1}
    later = ExtensionRequest.objects.get(state="granted")
    assert later.assignment.due_on == later.granted_until > later.due_before
    handed = Distribution.objects.all()
    assert (handed.count(), handed.filter(distributed_at=None).count()) == (3, 1)
    assert Assignment.objects.filter(via_office=True).values("round").distinct().count() == 2
    merged = now.get(review_result="merged")
    units = [set(row.rounds.get().assignments.values_list("unit", "role")) for row in (merged, merged.merged_into)]
    assert units[0] == units[1] != set()
    assert now.filter(is_key=True).exclude(key_meeting="").count() == 2
    assert list(GateCheck.objects.values_list("gate", flat=True)) == ["guidance", "study", "quality"]
    assert now.filter(closed_as="withdrawn", withdrawals__state="agreed").count() == 1
    assert set(Contact.objects.values_list("phase", flat=True)) == {"before", "during", "after"}


def test_replies_say_who_signed_and_whom_to_ask(demo: Demo) -> None:
    del demo
    replies = Reply.objects.all()
    assert not replies.filter(Q(signed_by="") | Q(contact_name="") | Q(contact_phone="")).exists()
    assert set(replies.values_list("disclosure", flat=True)) == {"full", "summary", "none"}
    assert replies.filter(disclosure="none").exists()
    assert not replies.filter(disclosure="none", not_public_reason="").exists()
    opined = AssistOpinion.objects.count()
    assert opined > Assignment.objects.filter(role="assist").count() / 2


def test_every_case_is_in_one_step_and_owes_what_the_step_owes(demo: Demo) -> None:
    open_runs = dict(StepRun.objects.filter(left_at=None).values_list("case", "step"))
    for case in Case.objects.exclude(status=CaseStatus.CLOSED):
        assert open_runs.pop(case.pk) == case.step_id
    assert open_runs == {}
    owed: dict[int, set[str]] = {}
    # What outlives a case is owed beside its steps.
    for row in Obligation.objects.open().exclude(act__in=OUTLIVES):
        owed.setdefault(row.case_id, set()).add(row.act)
    expected = {"submit": {"submit"}, "review": {"review"}, "assign": {"assign"}, "rate": {"rate"}}
    for case in Case.objects.filter(status=CaseStatus.OPEN).select_related("step"):
        acts = owed.pop(case.pk, set())
        assert acts == (handling_owed(case) if case.step.stage == "reply" else expected[case.step.stage]), case
    # What is only drafted is owed by those who are asked to sign it.
    assert set(map(frozenset, owed.values())) <= {frozenset({"cosign"})}
    assert not Case.objects.filter(pk__in=owed).exclude(status=CaseStatus.DRAFT).exists()


def handling_owed(case: Case) -> set[str]:
    """What units and offices owe while a case is handled, as the rows beside it say."""
    parts = Assignment.objects.in_force().filter(round__proposal=case.pk, round__number=case.proposal.rounds.count())
    acts = (
        {"distribute"}
        if case.proposal.rounds.filter(distribution__distributed_at=None).exclude(distribution=None)
        else set()
    )
    acts |= {"acknowledge"} if parts.filter(acknowledged_at=None).exists() else set()
    acts |= {"reply"} if parts.exclude(role="assist").filter(replies=None).exists() else set()
    acts |= {"opinion"} if parts.filter(role="assist", opinions=None).exists() else set()
    acts |= {"decide-return"} if parts.filter(return_requests__state="waiting").exists() else set()
    return acts | ({"decide-extension"} if parts.filter(extension_requests__state="waiting").exists() else set())


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
    # Who joins or signs does not make a stale page of the one that somebody else is writing on.
    changes = ~Q(events__verb__in=("merge", "cosign", "inspect"))
    written = Case.objects.annotate(lines=Count("events", filter=changes)).values_list("version", "lines")
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
    seats = Seat.objects.filter(term__congress__code="990100", status="in_office")
    assert (seats.count(), seats.filter(person__gender="女").count()) == (260, 78)
    assert 12 <= sum(seat.person.is_minority for seat in seats.select_related("person")) <= 32
    assert seats.filter(is_committee_member=True).count() == 33
    assert Congress.objects.filter(level=Level.TOWNSHIP, parent__code="990100").count() == 14
    leader = Person.objects.get(user__username="daibiao1")
    assert set(leader.seats.get().group_memberships.values_list("office", flat=True)) == {"leader"}
    phones = [person.phone for person in Person.objects.all()]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("1990000") and len(phone) == 11 for phone in phones)
    assert {row.name for row in Congress.objects.get(code="990100").proposal_categories.all()} == set(CATEGORIES)
    assert not Cosignature.objects.filter(seat=F("proposal__lead")).exists()


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login.username)
def test_every_demo_account_opens_and_has_something_to_do(demo: Demo, login: Login) -> None:
    user = User.objects.get(username=login.username)
    assert user.check_password(DEMO_PASSWORD)
    assert user.is_staff == (login.role in {Role.STAFF, None})
    assert user.administers == login.administers
    if login.role is None:
        assert user.hat is None
        return
    assert Proposal.objects.visible_to(user).exists()
    unread = Message.objects.filter(recipient=user, read_at=None).count()
    assert 1 <= unread <= 8
    if login.role in {Role.STAFF, Role.UNIT, Role.DEPUTY}:
        due = Obligation.objects.open().owed_by(user).exclude(act="cosign").values_list("due_on", flat=True)
        assert {light(day, demo.today, "open")[0] for day in due} == LIGHTS


@of_a_full_year
def test_no_button_fails_and_no_open_act_lacks_one(demo: Demo) -> None:
    del demo
    names = ["daigongwei", "zhengfuban", "jiaoyuju", "jiaotongju", "daibiao1", "daibiao3", "qingshi"]
    among = Proposal.objects.exclude(status=CaseStatus.CLOSED, commitments=None)
    opened = check_buttons(User.objects.filter(username__in=names), among)
    # What none of them has to do on that day.
    assert PAGES - opened == {"commitment-rate", "commitment-verify", "consent", "rectify"}


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


def test_the_command_says_what_it_made_and_who_may_log_in(demo: Demo) -> None:
    assert demo.said.startswith("已装入演示数据：云溪县，代表 260 人，承办单位 44 个，建议议案 ")
    assert "各级代表 1338 人编成 78 个代表小组，联络站和代表之家 97 个，接待 " in demo.said
    assert Case.objects.exclude(congress__code="990100").count() == 0
    assert Congress.objects.get(code="330281").name == "他县"
    lines = load_demo("--list-logins").splitlines()
    assert [line.split()[:3] for line in lines[:2]] == [
        ["角色", "姓名", "用户名"],
        ["代表工委", "张志远", "daigongwei"],
    ]
    *rows, secret, phones = lines
    assert len(rows) == 1 + len(LOGINS)
    assert DEMO_TOTP_SECRET in secret
    assert "13800000001" in phones
    assert User.objects.get(username=LOGINS[0].username).phone == "13800000001"
    assert len(load_demo("--code")) == 6


def test_loading_again_is_refused_and_changes_nothing(demo: Demo) -> None:
    del demo
    before = (Case.objects.count(), User.objects.count(), Congress.objects.count())
    with pytest.raises(CommandError, match="演示县「云溪县」已经装入过，没有改动"), transaction.atomic():
        load_demo()
    assert load_demo("--if-empty") == "已经有数据，没有装入演示数据。"
    assert (Case.objects.count(), User.objects.count(), Congress.objects.count()) == before


def test_settled_obligations_were_settled_by_somebody(demo: Demo) -> None:
    del demo
    done = Obligation.objects.exclude(state=ObligationState.OPEN)
    assert not done.filter(closed_by=None).exists()
    assert not done.filter(closed_at__lt=F("opened_at")).exists()


def test_seats_of_four_levels_are_in_one_area_group_each(demo: Demo) -> None:
    del demo
    levels = Counter(Seat.objects.values_list("term__congress__level", flat=True))
    assert levels == {Level.PROVINCE: 8, Level.CITY: 46, Level.COUNTY: 261, Level.TOWNSHIP: 1024}
    # Streets have no congress of their own.
    own = Counter(Seat.objects.filter(term__congress__level=Level.TOWNSHIP).values_list("delegation__term__congress"))
    assert len(own) == 12
    areas = GroupMember.objects.filter(group__kind=GroupKind.AREA)
    assert sorted(areas.values_list("seat", flat=True)) == sorted(
        Seat.objects.filter(status="in_office").values_list("pk", flat=True)
    )
    groups = DeputyGroup.objects.all()
    assert Counter(groups.values_list("kind", flat=True)) == {"area": 74, "field": 4}
    for group in groups.prefetch_related("members__seat"):
        members = list(group.members.all())
        offices = Counter(member.office for member in members)
        assert 14 <= len(members) <= 24
        assert (offices["leader"], offices["liaison"]) == (1, 1)
        assert offices["deputy_leader"] in {1, 2}
        # Nobody meets himself.
        assert len({member.seat.person_id for member in members}) == len(members)
    several = Person.objects.annotate(held=Count("seats")).filter(held__gt=1)
    assert several.filter(seats__term__congress__level=Level.TOWNSHIP).count() >= 36
    assert Person.objects.count() == 1339 - sum(person.held - 1 for person in several)


def test_stations_and_homes_have_deputies_of_the_groups(demo: Demo) -> None:
    del demo
    stations = Station.objects.annotate(assigned=Count("members"))
    assert stations.filter(kind=StationKind.HOME).count() == 19
    assert stations.exclude(kind=StationKind.HOME).count() == 78
    assert set(stations.values_list("kind", flat=True)) == set(StationKind.values)
    assert not stations.filter(Q(assigned=0) | Q(head="") | Q(liaison="") | Q(address="")).exists()
    phones = [station.phone for station in stations]
    assert len(set(phones)) == 97
    assert all(phone.startswith("1990000") for phone in phones)
    by_deputies = {
        frozenset(row.seat_id for row in station.members.all()) for station in stations.prefetch_related("members")
    }
    areas = DeputyGroup.objects.filter(kind=GroupKind.AREA).prefetch_related("members")
    assert all(frozenset(row.seat_id for row in group.members.all()) in by_deputies for group in areas)


def test_last_year_gives_the_published_figures(demo: Demo) -> None:
    congress = Congress.objects.get(code="990100")
    values = compute(FIGURES, scope_of(congress=congress, year=demo.today.year - 1, as_of=demo.today))
    published = {figure.name: values[figure.code] for figure in FIGURES}
    expected = {
        "代表总数": 1338,
        "本级代表数": 260,
        "代表小组数": 78,
        "联络站数": 78,
        "代表之家数": 19,
        "建议总数": 249,
        "已答复数": 249,
        "已经解决或正在解决数": 236,
        "解释说明数": 13,
        "解决率": Decimal("94.8"),
        "解释说明率": Decimal("5.2"),
        "满意率": Decimal("100.0"),
        "满意数": 225,
        "基本满意数": 24,
        "不满意数": 0,
        "已评价数": 249,
        "培训班次": 4,
        "培训人次": 740,
        "初任培训覆盖率": Decimal("100.0"),
        "任免总人次": 242,
        "决定任命": 29,
        "任命": 153,
        "免职": 57,
        "批准辞职": 3,
        "任前法律考试人数": 48,
        "供职发言人数": 16,
        "宪法宣誓人数": 41,
        "述职人数": 90,
        "述职率": Decimal("34.6"),
        "接待群众人次": 1100,
        "群众意见数": 1100,
    }
    assert {name: published[name] for name in expected} == expected
    assert 1050 <= published["群众意见办结数"] <= 1090
    assert 8000 <= published["履职记录数"] <= 9000


def test_appointments_fit_their_wording_and_votes(demo: Demo) -> None:
    del demo
    nominators = {
        Wording.DECIDE_APPOINT: {"县长"},
        Wording.DECIDE_REMOVE: {"县长"},
        Wording.ACCEPT_RESIGNATION: {"本人"},
    }
    others = {"县人民法院院长", "县人民检察院检察长", "县监察委员会主任", "主任会议"}
    rows = Appointment.objects.select_related("meeting")
    for row in rows:
        assert row.nominator in nominators.get(row.wording, others)
        assert row.in_favour + row.against + row.abstained <= row.expected == 33
        assert row.in_favour > 16
        assert row.meeting.held_on == row.decided_on
        assert row.letter_issued == row.took_oath
    assert rows.values("meeting").distinct().count() >= 6
    # Nobody is removed from a post to which he came on the same day.
    appointed = set(rows.filter(wording__in=["appoint", "decide_appoint"]).values_list("decided_on", "name", "post"))
    removed = rows.filter(wording__in=["remove", "decide_remove"]).values_list("decided_on", "name", "post")
    assert not appointed & set(removed)


def test_registers_write_the_ledger_and_nothing_is_ahead_of_time(demo: Demo) -> None:
    lines = DutyRecord.objects.all()
    assert not lines.filter(Q(done_on__gt=demo.today) | Q(recorded_at__gt=demo.now)).exists()
    followed = Counter(lines.exclude(source_id=None).values_list("source", flat=True))
    assert followed[Source.RECEPTION] == Reception.objects.exclude(seat=None).count()
    assert followed[Source.TRAINING] == Attendance.objects.count()
    present = GroupAttendance.objects.filter(state="present")
    assert followed[Source.GROUP] == present.count() > 10
    assert set(present.values_list("activity__registered_by__username", flat=True)) == {"daibiao1"}
    assert GroupActivity.objects.count() == 2
    assert set(lines.values_list("type__name", flat=True)) == set(TYPES)
    assert not lines.filter(source=Source.SELF, recorded_by=None).exists()
    assert not Reception.objects.filter(received_on__gt=demo.today).exists()
    opinions = OpinionItem.objects.all()
    assert not opinions.filter(replied_on__gt=demo.today).exists()
    assert set(opinions.values_list("handling", flat=True)) == set(Handling.values)
    assert not opinions.filter(handling=Handling.FORWARDED, unit=None).exists()
    assert not opinions.exclude(handling=Handling.FORWARDED).exclude(unit=None).exists()
    assert not opinions.filter(replied_on=None).exclude(result="").exists()
    if demo.is_full:
        assert opinions.filter(raised_on__year=demo.today.year, replied_on=None).exists()
    expected = {1: range(2, 10), 2: range(140, 180), 11: range(900, 960)}[demo.today.month]
    assert opinions.filter(raised_on__year=demo.today.year).count() in expected
    for model, name in ((Reception, "matter"), (OpinionItem, "result"), (DutyRecord, "topic"), (DutyRecord, "content")):
        assert not model.objects.filter(Q(**{f"{name}__contains": "{"}) | Q(**{f"{name}__contains": "}"})).exists()


@of_a_full_year
def test_demo_deputies_have_something_in_every_register(demo: Demo) -> None:
    del demo
    for username in ("daibiao1", "daibiao2", "daibiao3"):
        lines = DutyRecord.objects.filter(seat__person__user__username=username)
        assert {Source.SELF, Source.ACTIVITY, Source.PROPOSAL} <= set(lines.values_list("source", flat=True))
        assert lines.count() >= 12


def test_personal_data_waits_for_staff(demo: Demo) -> None:
    staff = User.objects.get(username="daigongwei")
    asked = Correction.objects.kept_by(staff).open().get()
    assert (asked.person.user.username, asked.field) == ("daibiao1", "phone")
    assert [person.name for person in retention.due(staff, demo.today)] == ["沈国安"]
