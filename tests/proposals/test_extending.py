"""A later date for a reply: until when, who grants it, and that the old date troubles nobody any more."""

import datetime as dt

import pytest
from django.db import transaction

from casework.models import Obligation
from casework.moving import recompute
from casework.reminding import make_digests, scan_obligations
from casework.services import UnableToAct
from notices.models import Digest, Notice
from proposals import services
from proposals.models import ExtensionRequest, Proposal
from tests.concurrently import beside
from tests.factories import at
from tests.proposals.handing import acknowledged, answered, asked_extension, given, owed, parts, said, told, waiting
from tests.world import World, build_world

DECIDED = at(2026, 5, 22)
JULY, SEPTEMBER = dt.date(2026, 7, 1), dt.date(2026, 9, 4)


def running(world: World, rules: str = "chongqing_2017", **how: object) -> Proposal:
    row = given(world, waiting(world, rules=rules), **how)
    acknowledged(row, world.unit_user)
    return row


def decide(world: World, row: Proposal, request: int, until: dt.date | None, **how: object) -> ExtensionRequest:
    return services.decide_extension(
        proposal_id=row.pk,
        seen_version=None,
        user=how.pop("user", world.staff),
        now=how.pop("now", DECIDED),
        request_id=request,
        agreed=until is not None,
        granted_until=until,
        **how,
    )


def test_granted_date_takes_the_place_of_the_rule_and_tells_its_story(world: World) -> None:
    row = running(world, "shandong_2017", assisting=[world.police])
    key = asked_extension(row, world.unit_user, JULY)
    assert owed(row, "decide-extension") == [("代表工委", "decide-extension", "2026-06-03")]
    assert row.obligations.get(act="decide-extension").due_basis == "应当在原答复期限2026年6月4日届满前审批"
    decide(world, row, key, JULY)
    assert [(unit, due) for unit, _, _, due in parts(row)] == [("县教育局", "2026-07-01"), ("县公安局", "2026-07-01")]
    owes = row.obligations.get(act="reply")
    assert (owes.rule, owes.is_provisional, str(owes.due_on), str(owes.start_on)) == (
        "", False, "2026-07-01", "2026-03-04",
    )  # fmt: skip
    assert owes.due_basis == (
        "原期限2026年6月4日：自2026年3月4日起3个月，至2026年6月4日；2026年节假日安排尚未公布，按周末推算，暂定"
        "（依据《山东省人民代表大会代表建议、批评和意见办理工作条例》（2017年））；"
        "2026年5月22日代表工委同意延期至2026年7月1日"
    )
    assert said(row) == "张志强（代表工委）同意县教育局的答复期限由2026年6月4日延至2026年7月1日"
    assert told(world.unit_user)[-1] == f"已同意延期：第1号 {row.title}"
    assert told(world.deputy)[-1] == f"答复延期：第1号 {row.title}"
    before = str(row.obligations.get(act="opinion").due_on)
    recompute(now=DECIDED, years=None, why="节假日有调整")
    assert [str(row.obligations.get(act=act).due_on) for act in ("reply", "opinion")] == ["2026-07-01", before]


def test_several_extensions_stay_within_one_limit(world: World) -> None:
    # 上海 19: three months at the most beyond the first date.
    row = running(world, "shanghai_2015")
    decide(world, row, asked_extension(row, world.unit_user, JULY), JULY)
    with pytest.raises(UnableToAct, match="最迟为2026年9月4日：自2026年6月4日起3个月"):
        asked_extension(row, world.unit_user, dt.date(2026, 9, 7), now=at(2026, 6, 20))
    decide(world, row, asked_extension(row, world.unit_user, SEPTEMBER, now=at(2026, 6, 20)), SEPTEMBER)
    basis = row.obligations.get(act="reply").due_basis
    assert basis.count("原期限") == 1
    assert basis.endswith("代表工委同意延期至2026年7月1日；2026年5月22日代表工委同意延期至2026年9月4日")
    with pytest.raises(UnableToAct, match="已是最长期限，不能再延"):
        asked_extension(row, world.unit_user, dt.date(2026, 9, 7), now=at(2026, 8, 1))


def test_story_never_outgrows_its_column(world: World) -> None:
    row = running(world, "chongqing_2017")
    until = dt.date(2026, 6, 5)
    for _ in range(9):
        decide(world, row, asked_extension(row, world.unit_user, until), until)
        until += dt.timedelta(days=1)
    basis = row.obligations.get(act="reply").due_basis
    assert len(basis) <= 300
    assert basis.startswith("原期限2026年6月4日：自2026年3月4日起3个月")
    assert basis.endswith("同意延期至2026年6月13日")


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (dt.date(2026, 6, 4), "应当晚于现在的答复期限2026年6月4日"),
        (dt.date(2020, 1, 1), "应当晚于现在的答复期限2026年6月4日"),
        (dt.date(2026, 9, 7), "申请延至的日期最迟为2026年9月4日：自2026年3月4日起6个月"),
        (dt.date(9999, 12, 31), "最迟为2026年9月4日"),
    ],
)
def test_wanted_date_lies_between_the_present_one_and_the_limit(world: World, until: dt.date, why: str) -> None:
    row = running(world)
    with pytest.raises(UnableToAct, match=why):
        asked_extension(row, world.unit_user, until)
    key = asked_extension(row, world.unit_user, SEPTEMBER)
    with pytest.raises(UnableToAct, match=why.replace("申请", "批准")):
        decide(world, row, key, until)
    assert parts(row) == [("县教育局", "lead", "", "2026-06-04")]


def test_after_the_due_date_nothing_is_put_off_but_what_was_asked_in_time(world: World) -> None:
    row = running(world)
    with pytest.raises(UnableToAct, match="答复期限2026年6月4日已过，延期应当在期限届满前申请"):
        asked_extension(row, world.unit_user, JULY, now=at(2026, 6, 5))
    key = asked_extension(row, world.unit_user, JULY, now=at(2026, 6, 4))
    assert owed(row, "decide-extension") == [("代表工委", "decide-extension", "2026-06-04")]
    with pytest.raises(UnableToAct, match="批准延至的日期已经过去"):
        decide(world, row, key, dt.date(2026, 6, 8), now=at(2026, 6, 9))
    decide(world, row, key, JULY, now=at(2026, 6, 9))
    assert owed(row, "reply") == [("县教育局", "reply", "2026-07-01")]


def test_refused_extension_leaves_the_date(world: World) -> None:
    row = running(world)
    key = asked_extension(row, world.unit_user, JULY)
    with pytest.raises(UnableToAct, match="不同意的，请写明理由"):
        decide(world, row, key, None)
    decide(world, row, key, None, note="可以按期办结。")
    assert owed(row, "reply") == [("县教育局", "reply", "2026-06-04")]
    assert said(row) == ("张志强（代表工委）不同意县教育局延期，答复期限仍为2026年6月4日。意见：可以按期办结。")
    assert told(world.unit_user)[-1] == f"延期申请未获同意：第1号 {row.title}"


@pytest.mark.parametrize(("rules", "office"), [("shanghai_2015", "代表工委"), ("zhejiang_2016", "政府办")])
def test_who_grants_follows_from_the_rules(world: World, rules: str, office: str) -> None:
    row = given(world, waiting(world, rules=rules), lead=None, via_office=True)
    services.distribute(
        proposal_id=row.pk, seen_version=None, user=world.gov_office, now=at(2026, 3, 5), lead=world.education
    )
    acknowledged(row, world.unit_user, now=at(2026, 3, 6))
    key = asked_extension(row, world.unit_user, JULY)
    assert [who for who, _, _ in owed(row, "decide-extension")] == [office]
    wrong, right = (world.gov_office, world.staff) if office == "代表工委" else (world.staff, world.gov_office)
    with pytest.raises(UnableToAct, match="本件当前不能办理这一步"):
        decide(world, row, key, JULY, user=wrong)
    decide(world, row, key, JULY, user=right)
    assert owed(row, "reply") == [("县教育局", "reply", "2026-07-01")]


def test_overdue_ends_with_the_extension_and_begins_anew_with_its_date(world: World) -> None:
    row = running(world)
    key = asked_extension(row, world.unit_user, JULY, now=at(2026, 6, 4))
    late = {"rule__startswith": "overdue", "recipient": world.unit_user, "object_key": f"obligation:{_reply(row).pk}"}
    scan_obligations(now=at(2026, 6, 8))
    assert [str(notice.due_on) for notice in Notice.objects.filter(**late)] == ["2026-06-04"]
    decide(world, row, key, JULY, now=at(2026, 6, 9))
    scan_obligations(now=at(2026, 6, 10))
    assert Notice.objects.filter(**late).count() == 1
    assert not Obligation.objects.open().filter(act="reply", due_on__lt=dt.date(2026, 6, 10)).exists()
    scan_obligations(now=at(2026, 7, 2))
    assert [str(notice.due_on) for notice in Notice.objects.filter(**late).order_by("pk")] == [
        "2026-06-04",
        "2026-07-01",
    ]


def _reply(row: Proposal) -> Obligation:
    return row.obligations.get(act="reply")


def test_request_lapses_when_the_unit_replies(world: World) -> None:
    row = running(world)
    asked_extension(row, world.unit_user, JULY)
    answered(world, row, world.unit_user, at(2026, 5, 21))
    assert owed(row, "decide-extension") == []
    assert ExtensionRequest.objects.get().state == "void"


@pytest.mark.django_db(transaction=True)
def test_extension_granted_while_the_scan_runs_sends_nothing() -> None:
    """The scan sees the time before the grant; the digest is made after it."""
    world = build_world()
    row = given(world, waiting(world, rules="chongqing_2017"))
    acknowledged(row, world.unit_user)
    key = asked_extension(row, world.unit_user, dt.date(2026, 7, 1), now=at(2026, 6, 4))
    with beside() as start:
        with transaction.atomic():
            services.decide_extension(
                proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 6, 8), request_id=key,
                agreed=True, granted_until=dt.date(2026, 7, 1),
            )  # fmt: skip
            assert start(lambda: scan_obligations(now=at(2026, 6, 8))).result(timeout=20)["overdue"] > 0
        late = {"rule__startswith": "overdue", "recipient": world.unit_user}
        told = Notice.objects.filter(object_key=f"obligation:{_reply(row).pk}", **late)
        assert [(notice.state, str(notice.due_on)) for notice in told] == [("waiting", "2026-06-04")]
        start(lambda: make_digests(now=at(2026, 6, 8))).result(timeout=20)
    assert [(notice.state, str(notice.due_on)) for notice in told.all()] == [("void", "2026-06-04")]
    lines = [line["text"] for digest in Digest.objects.filter(recipient=world.unit_user) for line in digest.lines]
    assert not any("答复" in line for line in lines), lines
