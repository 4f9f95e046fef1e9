"""承办单位考核: a ranking worked out by hand, points given by hand, and a published result that stands."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from casework.models import Obligation
from casework.services import UnableToAct
from notices.models import Notice
from proposals.models import (
    Assignment,
    Contact,
    Feedback,
    ManualScore,
    Proposal,
    Reply,
    ScoreLine,
    ScoringScheme,
)
from proposals.queries.scoring import standing
from proposals.scoring_presets import PRESETS, ItemPreset
from proposals.services import scoring as services
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.proposals.rows import write_proposals
from tests.proposals.test_proposal_pages import as_user
from tests.threads import at_once
from tests.world import World, build_world

D = Decimal
NOW = at(2026, 6, 10)
TODAY = NOW.date()
DUE, SOON = dt.date(2026, 6, 4), dt.date(2026, 6, 20)
ITEMS = [
    ItemPreset("领导重视", D(10)),
    ItemPreset("按时答复", D(20), "on_time"),
    ItemPreset("联系代表", D(15), "contacted"),
    ItemPreset("签收及时", D(5), "acknowledged"),
    ItemPreset("代表评价", D(30), "satisfied"),
    ItemPreset("协办意见", D(10), "opinions"),
    ItemPreset("没有逾期", D(10), "overdue", D(3)),
]


def records(world: World) -> list[Proposal]:
    """Four items of 2026, one of 2025; education leads three, transport one, police assists in two.

    Education: 1 answered in time, contacted, satisfied, acknowledged in time; 2 answered late, contacted, dissatisfied,
    acknowledged late; 3 not answered and not yet due, nobody contacted. Transport: 4 overdue, not answered.
    """
    rows = write_proposals(
        world,
        [{"title": f"关于第{n}件事的建议", "label": f"第{n}号", "number": n} for n in range(1, 5)]
        + [{"title": "去年的建议", "number": 9, "submitted_on": dt.date(2025, 3, 1)}],
        step="reply",
    )

    def part(row: Proposal, unit: object, role: str = "lead", due_on: dt.date = DUE) -> Assignment:
        round_, _ = row.rounds.get_or_create(number=1, defaults={"opened_at": at(2026, 3, 4)})
        return round_.assignments.create(unit=unit, role=role, assigned_on=dt.date(2026, 3, 4), due_on=due_on)

    def owes(row: Proposal, act: str, unit: object, due_on: dt.date, done: dt.datetime | None) -> None:
        Obligation.objects.create(
            case_id=row.pk, act=act, verb=act, owner_role="unit", owner_unit=unit, owner_label=str(unit),
            owner_congress=world.congress, opened_at=at(2026, 3, 4), start_on=dt.date(2026, 3, 4), due_on=due_on,
            state="done" if done else "open", closed_at=done,
        )  # fmt: skip

    def acknowledged(part: Assignment, by: dt.date, on: dt.datetime) -> None:
        Assignment.objects.filter(pk=part.pk).update(acknowledged_at=on)
        owes(part.round.proposal, "acknowledge", part.unit, by, on)

    def replied(part: Assignment, on: dt.date) -> None:
        Reply.objects.create(assignment=part, unit=part.unit, replied_on=on, recorded_at=NOW, is_imported=True)
        Contact.objects.create(
            assignment=part, contacted_on=on, way="visit", summary="上门", recorded_at=NOW, recorded_by=world.unit_user
        )

    def rated(row: Proposal, grade: str) -> None:
        Feedback.objects.create(
            round=row.rounds.get(),
            seat=world.seat,
            attitude="satisfied",
            result=grade,
            opinion="没有解决",
            given_at=NOW,
        )

    first, second, third = (part(row, world.education) for row in rows[:3])
    Assignment.objects.filter(pk=third.pk).update(due_on=SOON)
    replied(first, dt.date(2026, 6, 4))
    replied(second, dt.date(2026, 6, 5))
    rated(rows[0], "satisfied")
    rated(rows[1], "dissatisfied")
    acknowledged(first, dt.date(2026, 3, 9), at(2026, 3, 9))
    acknowledged(second, dt.date(2026, 3, 9), at(2026, 3, 10))
    part(rows[3], world.transport)
    for row, on in ((rows[0], at(2026, 5, 20)), (rows[1], None)):
        helper = part(row, world.police, "assist")
        owes(row, "opinion", world.police, dt.date(2026, 5, 20), on)
        if on:
            helper.opinions.create(body="意见", given_at=on, given_by=world.police_user)
    part(rows[4], world.police)
    return rows


def scheme(world: World, items: list[ItemPreset] = ITEMS, **how: object) -> ScoringScheme:
    row = services.create_scheme(user=world.staff, now=NOW, year=2026, preset="records", **how)
    services.change_scheme(scheme_id=row.pk, seen_version=None, user=world.staff, name=row.name, items=items)
    return services.activate_scheme(scheme_id=row.pk, user=world.staff)


def table(row: ScoringScheme) -> list[tuple]:
    """Rank, unit, points in the order of the items, total."""
    items = list(row.items.all())
    return [
        (line.rank, line.unit, *(line.cells[item.pk].points for item in items), line.total)
        for line in standing(row, items, TODAY)
    ]


def give(world: World, row: ScoringScheme, unit: object, points: str, *, seen: int = 0, note: str = "") -> int:
    item = row.items.get(name="领导重视")
    return services.give_points(
        scheme_id=row.pk, user=world.staff, now=NOW, unit=unit, points={item.pk: (D(points), note)}, seen=seen
    )


def test_ranking_is_what_comes_out_by_hand(world: World) -> None:
    records(world)
    row = scheme(world)
    give(world, row, world.education, "8", note="有方案")
    give(world, row, world.transport, "9.5")
    give(world, row, world.police, "9.5")
    # Education: 1 of 2 in time, 2 of 3 contacted, 1 of 2 acknowledged in time, 1 of 2 satisfied, one overdue item;
    # no opinions owed: 8 + 10 + 10 + 2.5 + 15 + 7 = 52.5 of 90, scaled to 58.3.
    # Transport: 0 of 1 in time, 0 of 1 contacted, one overdue: 9.5 + 0 + 0 + 7 = 16.5 of 55, scaled to 30.0.
    # Police: 1 of 2 opinions: 9.5 + 5 = 14.5 of 20, scaled to 72.5. Last year's item does not count.
    assert table(row) == [
        (1, "县公安局", D("9.5"), None, None, None, None, D(5), None, D("72.5")),
        (2, "县教育局", D(8), D(10), D(10), D("2.5"), D(15), None, D(7), D("58.3")),
        (3, "县交通运输局", D("9.5"), D(0), D(0), None, None, None, D(7), D(30)),
    ]


def test_figures_open_onto_the_records_that_they_count(world: World) -> None:
    rows = records(world)
    row = scheme(world)
    client = as_user(world.leader)
    seen = {}
    for item in row.items.exclude(measure=""):
        url = reverse("proposals:scoring-rows", args=[row.pk, world.education.pk, item.pk])
        page = client.get(url)
        seen[item.measure] = [(one["fact"].number, one["counts"]) for one in page.context["rows"]]
        cell = page.context["cell"]
        if item.measure not in {"overdue", "opinions"}:
            counted = [counts for _, counts in seen[item.measure]]
            assert cell.words == f"{sum(counted)}／{len(counted)}"
    # The third is due later than the tests' real today never is: what counts is asked of the day of the page.
    assert ("第1号", True) in seen["on_time"]
    assert ("第2号", False) in seen["on_time"]
    assert sorted(seen["contacted"]) == [("第1号", True), ("第2号", True), ("第3号", False)]
    assert sorted(seen["satisfied"]) == [("第1号", True), ("第2号", False)]
    assert seen["opinions"] == []
    assert (
        client.get(reverse("proposals:scoring-rows", args=[row.pk, world.foreign_unit.pk, item.pk])).status_code == 404
    )
    assert rows[4].title not in client.get(reverse("proposals:scoring-scheme", args=[row.pk])).content.decode()


def test_published_numbers_stand_whatever_the_records_say_later(world: World) -> None:
    rows = records(world)
    row = scheme(world, ITEMS[1:5])
    before = table(row)
    assert [line[0] for line in before] == [1, 2, None]
    services.close_scheme(scheme_id=row.pk, user=world.staff, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.closed_by, table(row)) == ("closed", world.staff, before)
    Feedback.objects.filter(round__proposal=rows[1]).update(result="satisfied")
    Reply.objects.all().delete()
    assert table(row) == before
    told = Notice.objects.filter(title=f"承办单位考核结果已公布：{row}").values_list("recipient__name", flat=True)
    assert sorted(told) == ["周强", "孙丽"]
    with pytest.raises(UnableToAct, match="本方案已公布，不能公布"):
        services.close_scheme(scheme_id=row.pk, user=world.staff, now=NOW)
    for change in (lambda: ScoreLine.objects.update(rank=1, total=1), lambda: ScoreLine.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_nothing_is_published_before_every_unit_has_its_points(world: World) -> None:
    records(world)
    row = scheme(world)
    give(world, row, world.police, "9")
    with pytest.raises(UnableToAct, match=r"还有单位没有评完分：县.*（领导重视）；县.*（领导重视）。评完以后再公布"):
        services.close_scheme(scheme_id=row.pk, user=world.staff, now=NOW)
    row.refresh_from_db()
    assert (row.state, ScoreLine.objects.count()) == ("active", 0)


def test_points_by_hand_are_added_and_never_changed(world: World) -> None:
    records(world)
    row = scheme(world)
    assert give(world, row, world.education, "8") == 1
    first = ManualScore.objects.get()
    assert give(world, row, world.education, "8", seen=first.pk) == 0
    assert give(world, row, world.education, "9.5", seen=first.pk, note="补报方案") == 1
    with pytest.raises(services.PointsWereChanged, match="张志强刚刚给县教育局评过分"):
        give(world, row, world.education, "7", seen=first.pk)
    assert list(ManualScore.objects.values_list("points", "note")) == [(D(8), ""), (D("9.5"), "补报方案")]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ManualScore.objects.update(points=1)
    for points in ("-0.1", "10.1"):
        with pytest.raises(UnableToAct, match=r"「领导重视」的得分应当在 0 到 10.0 之间"):
            give(world, row, world.police, points)
    with pytest.raises(UnableToAct, match="石桥县教育局在2026年没有承办件"):
        give(world, row, world.foreign_unit, "5")
    with pytest.raises(UnableToAct, match="按现在的考核项目评分"):
        services.give_points(
            scheme_id=row.pk, user=world.staff, now=NOW, unit=world.police, seen=0,
            points={row.items.get(name="按时答复").pk: (D(1), "")},
        )  # fmt: skip
    assert ManualScore.objects.count() == 2


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "考核项目应当有 1 至 30 项"),
        ([ItemPreset("甲", D(1)), ItemPreset("甲", D(2))], "名称不能重复"),
        ([ItemPreset("甲", D(0))], "满分应当大于 0"),
        ([ItemPreset("甲", D(1001))], "满分应当大于 0，不超过 1000"),
        ([ItemPreset("甲", D(5), "无")], "请从列表中选择「甲」的计算依据"),
        ([ItemPreset("甲", D(5), "overdue")], "请填写「甲」每件扣几分"),
        ([ItemPreset("甲", D(5), "on_time", D(1))], "「甲」不按逾期件数扣分"),
        ([ItemPreset("", D(5))], "请填写考核项目的名称"),
    ],
)
def test_wrong_items_are_refused(world: World, items: list[ItemPreset], words: str) -> None:
    row = services.create_scheme(user=world.staff, now=NOW, year=2026, preset="quality50")
    with pytest.raises(UnableToAct, match=words):
        services.change_scheme(scheme_id=row.pk, seen_version=None, user=world.staff, name="方案", items=items)
    assert [item.name for item in row.items.all()] == ["办理速度", "答复质量", "联系代表", "代表评价"]


def test_schemes_come_from_examples_and_a_year_has_one_in_use(world: World) -> None:
    for code, (_, items) in PRESETS.items():
        row = services.create_scheme(user=world.staff, now=NOW, year=2026, preset=code)
        assert sum(item.max_points for item in row.items.all()) == 100 == sum(item.max_points for item in items)
    with pytest.raises(UnableToAct, match="2026年已经有“全部按记录计算”"):
        services.create_scheme(user=world.staff, now=NOW, year=2026, preset="records")
    first, *_, last = ScoringScheme.objects.order_by("pk")
    services.activate_scheme(scheme_id=first.pk, user=world.staff)
    with pytest.raises(UnableToAct, match="2026年正在使用“办理30分、测评70分（参照汝州）”"):
        services.activate_scheme(scheme_id=last.pk, user=world.staff)
    with pytest.raises(UnableToAct, match="本方案启用，不能再修改"):
        services.change_scheme(scheme_id=first.pk, seen_version=None, user=world.staff, name="新", items=ITEMS)
    for user in (world.leader, world.gov_office, world.unit_user, world.deputy):
        with pytest.raises(UnableToAct, match="由代表工委办理"):
            services.create_scheme(user=user, now=NOW, year=2027, preset="records")
    with pytest.raises(ScoringScheme.DoesNotExist):
        services.activate_scheme(scheme_id=last.pk, user=world.stranger)


def test_unit_sees_its_own_published_line_and_nobody_elses(world: World) -> None:
    records(world)
    row = scheme(world, ITEMS[1:4])
    url = reverse("proposals:scoring-scheme", args=[row.pk])
    client = as_user(world.unit_user)
    assert client.get(url).status_code == 404
    assert row.name not in client.get(reverse("proposals:scoring")).content.decode()
    services.close_scheme(scheme_id=row.pk, user=world.staff, now=NOW)
    page = client.get(url)
    html = page.content.decode()
    assert ("县教育局" in html, "县交通运输局" in html, "县公安局" in html, "共 3 家单位" in html) == (
        True, False, False, True,
    )  # fmt: skip
    assert row.name in client.get(reverse("proposals:scoring")).content.decode()
    item = row.items.first().pk
    for name, args in (
        ("scoring-unit", [row.pk, world.education.pk]),
        ("scoring-rows", [row.pk, world.education.pk, item]),
        ("scoring-file", [row.pk]),
        ("scoring-items", [row.pk]),
    ):
        assert client.get(reverse(f"proposals:{name}", args=args)).status_code == 404, name
    for user in (world.stranger, world.deputy, world.gov_office, world.township_user):
        assert as_user(user).get(url).status_code == 404, user


def test_pages_from_the_example_to_the_published_sheet(world: World) -> None:
    records(world)
    client = as_user(world.staff)
    assert client.post(reverse("proposals:scoring-new"), {"year": "x", "preset": "无"}, follow=True).status_code == 200
    assert not ScoringScheme.objects.exists()
    page = client.post(reverse("proposals:scoring-new"), {"year": 2026, "preset": "quality50"}, follow=True)
    row = ScoringScheme.objects.get()
    typed = {"version": row.version, "name": "云溪县考核办法", "item-TOTAL_FORMS": 3, "item-INITIAL_FORMS": 0}
    typed |= {"item-0-name": "按时答复", "item-0-max_points": "40", "item-0-measure": "on_time"}
    typed |= {"item-1-name": "答复质量", "item-1-max_points": "60.05"}
    url = reverse("proposals:scoring-items", args=[row.pk])
    page = client.post(url, typed)
    assert (page.status_code, "60.05" in page.content.decode(), "最多一位小数" in page.content.decode()) == (
        422,
        True,
        True,
    )
    for bad in ({"item-TOTAL_FORMS": "x"}, {"item-1-max_points": "NaN"}, {"item-0-measure": "无"}, {"name": "\x00"}):
        assert client.post(url, typed | {"item-1-max_points": "60"} | bad).status_code == 422, bad
    assert client.post(url, {}).status_code == 422
    assert client.post(url, typed | {"item-1-max_points": "60"}).status_code == 302
    assert [(one.name, one.max_points) for one in row.items.all()] == [("按时答复", D(40)), ("答复质量", D(60))]
    assert client.post(reverse("proposals:scoring-activate", args=[row.pk])).status_code == 302
    quality = row.items.get(name="答复质量").pk
    for n, unit in enumerate((world.education, world.transport, world.police)):
        address = reverse("proposals:scoring-unit", args=[row.pk, unit.pk])
        page = client.post(address, {"seen": 0, f"points_{quality}": "60.1", f"note_{quality}": "很好"})
        assert (page.status_code, "很好" in page.content.decode()) == (422, True)
        assert client.post(address, {"seen": "x", f"points_{quality}": "五"}).status_code == 422
        assert client.post(address, {"seen": 0, f"points_{quality}": f"{50 - n}"}).status_code == 302
        assert client.post(address, {"seen": 0, f"points_{quality}": "1"}).status_code == 409
    assert as_user(world.leader).post(address, {"seen": 0}).status_code == 404
    page = client.post(reverse("proposals:scoring-close", args=[row.pk]), follow=True)
    assert "已公布" in page.content.decode()
    out = b"".join(as_user(world.leader).get(reverse("proposals:scoring-file", args=[row.pk])).streaming_content)
    sheet = load_workbook(io.BytesIO(out))["考核评分表"]
    assert sheet["A1"].value == "云溪县2026年承办单位考核评分表"
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=3, max_row=6)]
    assert lines[0] == ["名次", "承办单位", "按时答复\n（40分）", "答复质量\n（60分）", "总分"]
    # Police has nothing to answer this year: 48 of 60 is 80; the others got 50 and 49 of 60, and what was in time.
    assert [line[:2] for line in lines[1:]] == [[1, "县公安局"], [2, "县教育局"], [3, "县交通运输局"]]
    assert lines[1][2:] == [None, 48, 80]
    assert lines[3][2:] == [0, 49, 49]
    assert (sheet.page_setup.orientation, sheet.freeze_panes) == ("landscape", "A4")


def test_second_clerk_does_not_overwrite_items_that_he_never_saw(world: World) -> None:
    row = services.create_scheme(user=world.staff, now=NOW, year=2026, preset="quality50")
    client, url = as_user(world.staff), reverse("proposals:scoring-items", args=[row.pk])
    page = client.get(url)
    shown = [page.context["form"]["version"], *(field for one in page.context["rows"] for field in one)]
    sent = {field.html_name: field.value() or "" for field in shown}
    sent |= {f"item-{name}": value for name, value in page.context["rows"].management_form.initial.items()}
    first = sent | {"name": "甲", "item-0-max_points": "33"}
    assert client.post(url, first).status_code == 302
    # The same once more is a double click.
    assert client.post(url, first).status_code == 302
    answer = client.post(url, sent | {"name": "乙的方案", "item-0-max_points": "21.5"})
    words = answer.content.decode()
    assert (answer.status_code, 'value="乙的方案"' in words, 'value="21.5"' in words) == (409, True, True)
    assert "考核项目刚刚被其他人改动，这次没有保存。“甲”现在的项目是：办理速度（33分）、" in words
    row.refresh_from_db()
    assert (row.name, row.version, row.items.first().max_points) == ("甲", 2, 33)
    again = sent | {
        "version": answer.context["form"]["version"].value(),
        "name": "乙的方案",
        "item-0-max_points": "21.5",
    }
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.items.first().max_points) == ("乙的方案", D("21.5"))


def test_sheet_bears_the_day_in_shanghai(world: World) -> None:
    records(world)
    row = scheme(world, ITEMS[1:5])
    services.close_scheme(scheme_id=row.pk, user=world.staff, now=at(2026, 7, 1, 7))
    out = as_user(world.staff).get(reverse("proposals:scoring-file", args=[row.pk])).streaming_content
    sheet = load_workbook(io.BytesIO(b"".join(out))).active
    assert "公布日期：2026年7月1日" in sheet["A2"].value


@pytest.mark.django_db(transaction=True)
def test_two_clerks_change_the_items_at_once() -> None:
    world = build_world()
    row = services.create_scheme(user=world.staff, now=NOW, year=2026, preset="records")
    change = {"scheme_id": row.pk, "seen_version": row.version, "user": world.staff}
    results = at_once(*(lambda n=n: services.change_scheme(**change, name=n, items=ITEMS) for n in ("甲", "乙")))
    assert sorted(type(one).__name__ for one in results) == ["ItemsWereChanged", "ScoringScheme"]


@pytest.mark.django_db(transaction=True)
def test_two_schemes_put_into_use_at_once_are_one() -> None:
    world = build_world()
    rows = [services.create_scheme(user=world.staff, now=NOW, year=2026, preset=code) for code in list(PRESETS)[:2]]
    first, second = (
        lambda row=row: services.activate_scheme(scheme_id=row.pk, user=world.staff) for row in rows
    )  # fmt: skip
    with beside() as start:
        with transaction.atomic():
            first()
            late = start(second)
            until(somebody_waits, what="the second scheme")
        with pytest.raises(UnableToAct, match="2026年正在使用"):
            late.result()
    assert ScoringScheme.objects.filter(state="active").count() == 1


@pytest.mark.django_db(transaction=True)
def test_points_given_at_once_and_published_at_once() -> None:
    world = build_world()
    records(world)
    row = scheme(world)
    results = at_once(*(lambda p=p: give(world, row, world.education, p) for p in ("7", "8")))
    assert sorted(map(str, map(type, results))) == [
        "<class 'int'>",
        "<class 'proposals.services.scoring.PointsWereChanged'>",
    ]
    assert ManualScore.objects.count() == 1
    give(world, row, world.transport, "9")
    give(world, row, world.police, "9")
    close = {"scheme_id": row.pk, "user": world.staff, "now": NOW}
    results = at_once(*(lambda: services.close_scheme(**close) for _ in range(2)))
    assert sorted(type(one).__name__ for one in results) == ["ScoringScheme", "UnableToAct"]
    assert ScoreLine.objects.count() == 3
