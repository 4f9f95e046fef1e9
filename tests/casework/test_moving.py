"""Open deadlines follow the calendar: what moves, what stays, who is told, and what the history says."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casework import moving
from casework.holiday_text import read
from casework.holidays import delete_days, enter_year, load_holidays, save_day, withdraw_year
from casework.models import CalendarDay, CalendarYear, Event, Obligation
from casework.services import compute_due, lock_case, settle
from notices.models import Notice
from proposals.dates import follow_dates
from proposals.models import Assignment, HandlingRound
from tests.casework.owing import case, owe
from tests.concurrently import beside, somebody_waits, until
from tests.factories import UserFactory, at
from tests.world import World

NOW = at(2026, 11, 20)
# As announced for the test: New Year to the 3rd, Spring Festival 5 to 11 February with the Saturdays around it worked.
SPRING = "元旦 1月1日至3日\n春节 2月5日至2月11日\n调休上班 1月30日、2月20日"


@pytest.fixture
def published(db: None) -> None:
    """The years up to 2026 are published, 2027 is not."""
    CalendarDay.objects.all().delete()
    CalendarYear.objects.all().delete()
    load_holidays(now=NOW)
    Notice.objects.all().delete()


def owed(world: World, start: str, rule: str, number: int = 1, **fields: object) -> Obligation:
    """A reply that is due by a rule, computed as the services do."""
    start_on = dt.date.fromisoformat(start)
    source, rolls = fields.get("rule_source", ""), fields.get("rolls", True)
    due = compute_due(start=start_on, rule=rule, rolls=rolls, source=source)
    computed = {"rule": rule, "start_on": start_on, "due_basis": due.basis, "is_provisional": due.is_provisional}
    of = fields.pop("of", None) or case(world, number)
    row = owe(world, None, of, **(computed | fields))
    Obligation.objects.filter(pk=row.pk).update(due_on=due.on)
    row.refresh_from_db()
    return row


def enter_2027(text: str = SPRING, **fields: object) -> moving.Moved:
    given = {"year": 2027, "days": read(text, 2027), "actor": None, "now": NOW}
    return enter_year(**(given | fields))[1]


def state(row: Obligation) -> tuple[str, bool]:
    row.refresh_from_db()
    return str(row.due_on), row.is_provisional


def events() -> list[str]:
    return list(Event.objects.filter(verb="recompute").order_by("case_id").values_list("sentence", flat=True))


@pytest.mark.usefixtures("published")
def test_publishing_a_year_moves_open_dates_and_says_so(world: World) -> None:
    row = owed(world, "2026-11-08", "3M", rule_source="代表法第五十一条")
    assert state(row) == ("2027-02-08", True)
    assert enter_2027() == moving.Moved(looked_at=1, moved=1)
    assert state(row) == ("2027-02-12", False)
    assert row.due_basis == (
        "自2026年11月8日起3个月，至2027年2月8日；2027年2月8日为休息日，顺延至2027年2月12日（依据代表法第五十一条）"
    )
    event = Event.objects.get(verb="recompute")
    assert event.sentence == "2027年节假日安排公布，县教育局答复期限由2027年2月8日调整为2027年2月12日"
    assert (event.case_id, event.actor, event.actor_label, event.step_label, event.at) == (
        row.case_id, None, "系统", "反馈", NOW,
    )  # fmt: skip
    notice = Notice.objects.get()
    assert (notice.recipient, notice.due_on) == (world.unit_user, dt.date(2027, 2, 12))
    assert notice.title == "期限有调整，请按新期限答复：第1号 关于第1件事的建议"
    assert notice.body == "2027年节假日安排公布，期限调整为2027年2月12日"
    assert notice.url == row.case.get_absolute_url()


@pytest.mark.usefixtures("published")
def test_a_second_run_changes_nothing_and_tells_nobody(world: World) -> None:
    owed(world, "2026-11-08", "3M")
    enter_2027()
    before = list(Obligation.objects.values()), events(), Notice.objects.count()
    assert enter_2027() == moving.Moved()
    assert moving.recompute(now=NOW, years={2027}, why="再次计算") == moving.Moved(looked_at=1)
    assert moving.recompute(now=NOW, years=None, why="再次计算") == moving.Moved(looked_at=1)
    assert (list(Obligation.objects.values()), events(), Notice.objects.count()) == before


@pytest.mark.usefixtures("published")
def test_a_date_that_stays_is_no_longer_provisional_and_nobody_is_told(world: World) -> None:
    row = owed(world, "2026-12-15", "3M")
    assert state(row) == ("2027-03-15", True)
    assert enter_2027() == moving.Moved(looked_at=1)
    assert state(row) == ("2027-03-15", False)
    assert row.due_basis == "自2026年12月15日起3个月，至2027年3月15日"
    assert events() == ["2027年节假日安排公布，县教育局答复期限仍为2027年3月15日，不再暂定"]
    assert not Notice.objects.exists()


@pytest.mark.usefixtures("published")
def test_one_line_of_history_for_a_case_with_several_deadlines(world: World) -> None:
    of = case(world)
    first = owed(world, "2026-11-08", "3M", of=of)
    second = owed(
        world,
        "2027-01-29",
        "5WD",
        of=of,
        owner_unit=world.police,
        owner_label="县公安局",
        act="acknowledge",
        verb="签收",
    )
    assert (state(first), state(second)) == (("2027-02-08", True), ("2027-02-05", True))
    assert enter_2027(actor=world.staff) == moving.Moved(looked_at=2, moved=2)
    # 30 January (worked), 1 to 4 February.
    assert (state(first), state(second)) == (("2027-02-12", False), ("2027-02-04", False))
    assert events() == [
        "2027年节假日安排公布，县公安局签收期限由2027年2月5日调整为2027年2月4日；县教育局答复期限由2027年2月8日调整为2027年2月12日"
    ]
    assert Event.objects.get(verb="recompute").actor_label == "张志强（代表工委）"
    assert set(Notice.objects.values_list("recipient__name", "due_on")) == {
        ("周强", dt.date(2027, 2, 4)),
        ("孙丽", dt.date(2027, 2, 12)),
    }


@pytest.mark.usefixtures("published")
def test_what_has_no_rule_is_settled_or_does_not_roll_stays(world: World) -> None:
    by_hand = owe(world, None, case(world, 1))
    Obligation.objects.filter(pk=by_hand.pk).update(due_on="2027-02-08", due_basis="交办时确定")
    settled = owed(world, "2026-11-08", "3M", 2, state="done", closed_at=NOW)
    fixed = owed(world, "2026-11-08", "3M", 3, rolls=False)
    assert not fixed.is_provisional
    before = list(Obligation.objects.order_by("pk").values())
    assert enter_2027() == moving.Moved(looked_at=1)
    assert list(Obligation.objects.order_by("pk").values()) == before
    assert (events(), Notice.objects.count()) == ([], 0)
    assert state(settled) == ("2027-02-08", True)


@pytest.mark.usefixtures("published")
def test_a_silent_one_moves_without_a_notice(world: World) -> None:
    row = owed(world, "2026-11-08", "3M", is_silent=True)
    assert enter_2027().moved == 1
    assert state(row) == ("2027-02-12", False)
    assert len(events()) == 1
    assert not Notice.objects.exists()


@pytest.mark.usefixtures("published")
def test_who_is_told_owes_in_person_for_the_role_or_the_unit(world: World) -> None:
    retired = UserFactory(username="left", role="unit", role__congress=world.congress, role__unit=world.education)
    retired.is_active = False
    retired.save()
    owed(world, "2026-11-08", "3M", 1)
    nobody = {"owner_unit": None, "owner_label": "代表工委", "owner_congress": world.congress}
    owed(world, "2026-11-08", "3M", 2, owner_role="staff", **nobody)
    owed(world, "2026-11-08", "3M", 3, owner_role="deputy", owner_user=world.deputy, **nobody)
    owed(world, "2026-11-08", "3M", 4, owner_role="deputy", **nobody)
    assert enter_2027().moved == 4
    assert sorted(Notice.objects.values_list("recipient__name", flat=True)) == ["孙丽", "张志强", "李春梅"]


@pytest.mark.usefixtures("published")
def test_a_wrong_day_is_corrected_and_dates_follow_there_and_back(world: World) -> None:
    enter_2027()
    row = owed(world, "2026-11-12", "3M")
    assert state(row) == ("2027-02-12", False)
    extra = CalendarDay(day=dt.date(2027, 2, 12), kind="rest", name="春节")
    assert save_day(day=extra, actor=world.staff, now=NOW) == moving.Moved(1, 1)
    # The 13th and 14th are a weekend.
    assert state(row) == ("2027-02-15", False)
    assert delete_days(days=[extra], actor=world.staff, now=NOW + dt.timedelta(hours=1)) == moving.Moved(1, 1)
    assert state(row) == ("2027-02-12", False)
    assert save_day(
        day=CalendarDay(day=dt.date(2027, 2, 12), kind="rest"), actor=world.staff, now=NOW + dt.timedelta(hours=2)
    ) == moving.Moved(1, 1)
    lines = Event.objects.filter(verb="recompute").order_by("pk").values_list("sentence", flat=True)
    assert list(lines) == [
        "2027年2月12日登记为放假，县教育局答复期限由2027年2月12日调整为2027年2月15日",
        "取消2027年2月12日的节假日登记，县教育局答复期限由2027年2月15日调整为2027年2月12日",
        "2027年2月12日登记为放假，县教育局答复期限由2027年2月12日调整为2027年2月15日",
    ]
    # The third notice has the date of the first: it is told again, for in between it was another one.
    told = Notice.objects.order_by("pk").values_list("due_on", flat=True)
    assert [day.day for day in told] == [15, 12, 15]


@pytest.mark.usefixtures("published")
def test_a_year_entered_again_is_corrected(world: World) -> None:
    enter_2027()
    row = owed(world, "2026-11-08", "3M")
    assert state(row) == ("2027-02-12", False)
    assert enter_2027("元旦 1月1日至3日\n春节 2月6日至2月12日\n调休上班 1月30日").moved == 1
    assert state(row) == ("2027-02-15", False)
    assert events() == ["2027年节假日安排更正，县教育局答复期限由2027年2月12日调整为2027年2月15日"]
    days = CalendarDay.objects.filter(day__year=2027)
    assert sorted(str(row.day) for row in days.filter(kind="work")) == ["2027-01-30"]
    assert days.filter(kind="rest").count() == 10


@pytest.mark.usefixtures("published")
def test_an_explanation_alone_that_changes_is_renewed(world: World) -> None:
    enter_2027()
    row = owed(world, "2027-04-26", "5WD")
    assert row.due_basis == "自2027年4月26日次日起5个工作日（其间周末2天不计），至2027年5月3日"
    enter_2027(f"{SPRING}\n劳动节 5月1日、2日")
    row.refresh_from_db()
    assert row.due_basis == "自2027年4月26日次日起5个工作日（其间节假日2天不计），至2027年5月3日"
    assert events() == ["2027年节假日安排更正，县教育局答复期限仍为2027年5月3日，计算说明已更新"]


@pytest.mark.usefixtures("published")
def test_a_year_taken_back_is_provisional_again(world: World) -> None:
    enter_2027()
    row = owed(world, "2026-11-08", "3M")
    assert withdraw_year(year=2027, actor=None, now=NOW) == moving.Moved(1, 1)
    assert state(row) == ("2027-02-08", True)
    assert events() == ["2027年节假日安排撤销，县教育局答复期限由2027年2月12日调整为2027年2月8日（暂定）"]
    assert not CalendarDay.objects.filter(day__year=2027).exists()
    assert CalendarDay.objects.filter(day__year=2026).exists()


@pytest.mark.usefixtures("published")
def test_new_years_december_moves_dates_of_the_year_before(world: World) -> None:
    row = owed(world, "2026-12-01", "30D")
    assert state(row) == ("2026-12-31", False)
    assert enter_2027("元旦 2026年12月31日至1月2日").moved == 1
    assert state(row) == ("2027-01-04", False)
    assert CalendarDay.objects.get(day="2026-12-31").name == "元旦"
    # Corrected without it: the December day belongs to 2026 and is not taken away.
    enter_2027("元旦 1月1日至2日")
    assert CalendarDay.objects.filter(day="2026-12-31").exists()


def test_years_from_the_package_move_dates_too(world: World) -> None:
    CalendarDay.objects.all().delete()
    CalendarYear.objects.all().delete()
    row = owed(world, "2025-11-17", "3M")
    assert state(row) == ("2026-02-17", True)
    loaded = load_holidays(now=NOW)
    assert (loaded.moved, state(row)) == (moving.Moved(1, 1), ("2026-02-24", False))
    assert events() == ["节假日安排公布，县教育局答复期限由2026年2月17日调整为2026年2月24日"]
    assert load_holidays(now=NOW).moved == moving.Moved()


@pytest.mark.usefixtures("published")
def test_assignments_follow_their_reply(world: World) -> None:
    of = case(world)
    old = HandlingRound.objects.create(proposal=of, number=1, opened_at=NOW)
    new = HandlingRound.objects.create(proposal=of, number=2, opened_at=NOW)
    before = dt.date(2027, 2, 8)

    def part(turn: HandlingRound, unit: object, role: str, **fields: object) -> Assignment:
        return Assignment.objects.create(round=turn, unit=unit, role=role, due_on=before, **fields)

    earlier = part(old, world.education, "lead")
    lead, assist = part(new, world.education, "lead"), part(new, world.police, "assist")
    separate = part(new, world.transport, "separate")
    row = owed(world, "2026-11-08", "3M", of=of)
    enter_2027()
    row.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        follow_dates([row])
    assert len(queries) == 2
    after = dt.date(2027, 2, 12)
    dates = {row.pk: row.due_on for row in Assignment.objects.all()}
    # The third unit's own reply was extended by hand: there is no obligation with a rule that moved.
    assert dates == {earlier.pk: before, lead.pk: after, assist.pk: after, separate.pk: before}


@pytest.mark.usefixtures("published")
def test_queries_do_not_grow_with_the_number_of_deadlines(world: World) -> None:
    counts = []
    for number in (3, 60):
        Obligation.objects.all().delete()
        withdraw_year(year=2027, actor=None, now=NOW)
        rows = [owed(world, "2026-11-08", "3M", number * 1000 + place) for place in range(number)]
        for row in rows:
            turn = HandlingRound.objects.create(proposal_id=row.case_id, number=1, opened_at=NOW)
            Assignment.objects.create(round=turn, unit=world.education, role="lead", due_on=row.due_on)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert enter_2027() == moving.Moved(number, number)
        counts.append(len(queries))
        withdraw_year(year=2027, actor=None, now=NOW)
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("published")
def test_chunks_together_reach_everything_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [owed(world, "2026-11-08", "3M", number) for number in range(1, 8)]
    monkeypatch.setattr(moving, "CHUNK", 3)
    assert enter_2027() == moving.Moved(7, 7)
    assert {state(row) for row in rows} == {("2027-02-12", False)}
    assert (len(events()), Notice.objects.count()) == (7, 7)


@pytest.mark.django_db(transaction=True)
def test_a_reply_that_is_just_being_given_is_waited_for_and_then_left_alone(world: World) -> None:
    """Without ``hold_calendar`` in ``lock_case`` the calendar reads the reply as still owed: it looks at one."""
    row = owed(world, "2026-11-08", "3M")
    with beside() as start:
        with transaction.atomic():
            of = lock_case(case_id=row.case_id, seen_version=None)
            settle(case=of, actor=None, now=NOW)
            entering = start(enter_2027)
            until(somebody_waits, what="the calendar waits for the act")
        assert entering.result(timeout=60) == moving.Moved(looked_at=0, moved=0)
    assert state(row) == ("2027-02-08", True)
    assert (events(), Notice.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_what_is_just_being_assigned_by_the_old_calendar_follows_the_new_one(world: World) -> None:
    """Without ``hold_calendar`` in ``lock_case`` the year is entered meanwhile and the new date stays the old one."""
    of = case(world, 1)
    with beside() as start:
        with transaction.atomic():
            lock_case(case_id=of.pk, seen_version=None)
            row = owed(world, "2026-11-08", "3M", of=of)
            assert state(row) == ("2027-02-08", True)
            entering = start(enter_2027)
            until(somebody_waits, what="the calendar waits for the act")
        assert entering.result(timeout=60) == moving.Moved(looked_at=1, moved=1)
    assert state(row) == ("2027-02-12", False)
