"""What the overseers of the made-up county did: who oversees what, inspections, evaluations, scoring, a vote on the spot."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import User
from portal.demo.plan import DAY
from portal.demo.story import Cast
from proposals import services as proposals
from proposals.models import Assignment, AssignmentRole, Feedback, Means, OversightKind, Proposal
from proposals.services import scoring
from proposals.services.inspecting import items_of
from proposals.services.voting import begin_rating
from ratings import services as ratings
from ratings.models import Audience
from ratings.services import NewSubject

if TYPE_CHECKING:
    from bodies.models import Unit

COMMITTEES = (
    "教科文卫工作委员会",
    "财政经济工作委员会",
    "城乡建设环境工作委员会",
    "监察和法制工作委员会",
    "农业农村工作委员会",
)
# 合肥: 22 key suggestions under paired oversight; one of them is evaluated.
PAIRED, OVERSEEN_BY_LEADER, VOTED_ON = 22, 4, 10
INSPECTED = 12
SEEN = (
    "办理台账齐全，主要负责人阅批，承诺事项按节点推进。",
    "答复规范，与代表沟通充分；两件的承诺事项进度偏慢，已当场提醒。",
    "现场察看三处，已经完工；群众反映绿化补种不及时。",
    "资料完整，走访的代表对办理态度满意，希望加快资金拨付。",
)
SUBJECTS = ("县教育局", "县交通运输局", "县卫生健康委员会", "县住房和城乡建设局", "县水利局", "县公安局")
PAPERS = 62


def oversee(*, cast: Cast, leaders: Sequence[User], deputies: Sequence[User], now: dt.datetime) -> str:
    """Live the oversight of last year and of this year so far. Returns what was made, in words."""
    today, staff = timezone.localdate(now), cast.staff[0]
    # A chance of its own: the rest of the county stays as it is.
    rng = random.Random(today.toordinal())  # noqa: S311 - nothing secret
    year = today.year - 1
    met_on = today - 10 * DAY
    last = list(Proposal.objects.filter(submitted_on__year=year, submitted_on__lt=met_on).order_by("number"))
    paired = sorted(rng.sample(last, PAIRED), key=lambda row: row.number or 0)
    meeting = {"meeting": "县十八届人大常委会第二十九次主任会议", "decided_on": met_on}
    for row in paired:
        body = COMMITTEES[(row.number or 0) % len(COMMITTEES)]
        _set(row, staff, now - 9 * DAY, OversightKind.FIELD, {"body": body} | meeting)
    running = _running(today)
    this_year = {"meeting": "县十八届人大常委会第三十二次主任会议", "decided_on": today - DAY}
    for row, kind in zip(
        running[:OVERSEEN_BY_LEADER], (OversightKind.LEADING, OversightKind.OVERALL) * 2, strict=False
    ):
        _set(row, staff, now, kind, {"overseer": leaders[0]} | this_year)
    seen = _inspect(cast, staff, now, rng)
    _evaluate(last, staff, now)
    _score(year, staff, now)
    _vote(paired, staff, now, rng)
    _open_vote(staff, deputies, now)
    return f"督办 {PAIRED + min(len(running), OVERSEEN_BY_LEADER)} 件，督办检查 {seen} 次"


def _set(row: Proposal, staff: User, now: dt.datetime, kind: str, fields: dict) -> None:
    proposals.set_oversight(proposal_id=row.pk, seen_version=None, user=staff, now=now, kind=kind, **fields)


def _running(today: dt.date) -> list[Proposal]:
    """Return this year's items with units, the ones due first."""
    parts = Assignment.objects.in_force().filter(
        replies__isnull=True,
        due_on__gte=today,
        role=AssignmentRole.LEAD,
        round__proposal__submitted_on__year=today.year,
        round__proposal__submitted_on__lt=today - DAY,
    )
    keys = list(dict.fromkeys(parts.order_by("due_on", "pk").values_list("round__proposal", flat=True)))
    rows = Proposal.objects.in_bulk(keys[:OVERSEEN_BY_LEADER])
    return [rows[key] for key in keys[:OVERSEEN_BY_LEADER]]


def _inspect(cast: Cast, staff: User, now: dt.datetime, rng: random.Random) -> int:
    units: list[Unit] = [unit for unit, _, _ in cast.units.values()]
    seen, today = 0, timezone.localdate(now)
    for place, unit in enumerate(units[:INSPECTED]):
        held_on = today - (12 + 9 * place) * DAY
        if place >= INSPECTED // 2:
            # The other half last autumn: last year's coverage has its inspections too.
            held_on = dt.date(today.year - 1, 12, 20) - 9 * place * DAY
        items = list(items_of(unit).filter(submitted_on__lt=held_on).order_by("-pk").values_list("pk", flat=True)[:3])
        if not items:
            continue
        row = proposals.record_inspection(
            user=staff,
            now=now - (today - held_on) + 2 * DAY,
            request_key=uuid.UUID(int=rng.getrandbits(128), version=4),
            unit=unit,
            held_on=held_on,
            inspectors="督办专班：陈国梁、张志远和三名代表",
            means=rng.sample(Means.values, rng.randint(2, 4)),
            findings=SEEN[place % len(SEEN)],
            items=items,
        )
        seen += 1
        if seen == 1:
            proposals.demand_rectification(
                inspection_id=row.pk,
                user=staff,
                now=now,
                proposal_id=items[0],
                demand="承诺事项进度偏慢，请列出时间表，明确责任人。",
                within="15WD",
            )
    return seen


def _evaluate(last: Sequence[Proposal], staff: User, now: dt.datetime) -> None:
    """Have one item evaluated in full, and one that was first unsatisfactory still under way."""
    again = Feedback.objects.filter(result="dissatisfied", round__proposal__in=last).order_by("pk")
    rows = [one.round.proposal for one in again.select_related("round__proposal")[:2]]
    for place, row in enumerate(rows):
        moment = now - (6 - place) * DAY
        act = {"proposal_id": row.pk, "seen_version": None, "user": staff}
        proposals.open_evaluation(
            **act,
            now=moment,
            why="代表曾评价为不满意，主任会议决定评估办理效果。",
            evaluators="城乡建设环境工作委员会和三名代表",
            meeting="县十八届人大常委会第三十一次主任会议",
            decided_on=timezone.localdate(moment) - DAY,
            due_on=timezone.localdate(moment) + 30 * DAY,
        )
        if place == 0:
            proposals.conclude_evaluation(
                **act,
                now=now - DAY,
                grade="fair",
                conclusion="答复事项已经落实，代表和周边群众认可；与代表的沟通可以再早一些。",
                follow_up="请在今年的办理中先沟通、后答复。",
            )


def _score(year: int, staff: User, now: dt.datetime) -> None:
    """Publish the scores of last year, and have this year's counted as the records grow."""
    for which, preset in ((year, "records"), (year + 1, "records")):
        scheme = scoring.create_scheme(user=staff, now=now - 8 * DAY, year=which, preset=preset)
        scoring.activate_scheme(scheme_id=scheme.pk, user=staff)
        if which == year:
            scoring.close_scheme(scheme_id=scheme.pk, user=staff, now=now - 5 * DAY)


def _vote(paired: Sequence[Proposal], staff: User, now: dt.datetime, rng: random.Random) -> None:
    """Put ten overseen items to the vote on paper, as 临武 does, and publish how it came out."""
    moment = now - 6 * DAY
    round_ = begin_rating(
        user=staff,
        now=moment,
        title="重点建议办理情况集中评议",
        held_on=timezone.localdate(moment),
        items=[row.pk for row in paired[:VOTED_ON]],
        is_secret=True,
        request_key=uuid.UUID(int=rng.getrandbits(128), version=4),
    )
    ratings.issue_codes(round_id=round_.pk, user=staff, number=30, now=moment)
    ratings.open_round(round_id=round_.pk, user=staff, now=moment)
    levels = list(round_.levels.order_by("position"))
    counts = {}
    for subject in round_.subjects.all():
        least, some = rng.randint(0, 4), rng.randint(3, 14)
        for level, number in zip(levels, (PAPERS - least - some, some, least), strict=True):
            counts[subject.pk, level.pk] = number
    ratings.enter_paper_tally(
        round_id=round_.pk, user=staff, now=moment, ballots=PAPERS, counts=counts, note="代表和群众代表现场评议"
    )
    ratings.close_round(round_id=round_.pk, user=staff, now=moment)
    ratings.publish_round(round_id=round_.pk, user=staff, audience=Audience.CONGRESS, now=moment)


def _open_vote(staff: User, deputies: Sequence[User], now: dt.datetime) -> None:
    """Let the demo's deputies rate departments: a round that is open."""
    round_ = ratings.create_round(
        user=staff,
        now=now - DAY,
        title=f"{timezone.localdate(now).year}年承办部门建议办理工作测评",
        held_on=timezone.localdate(now),
        subjects=[NewSubject(name) for name in SUBJECTS],
        purpose="常委会会议议程",
        with_abstention=True,
        allows_remarks=True,
    )
    ratings.add_voters(round_id=round_.pk, user=staff, voters=deputies, now=now - DAY)
    ratings.open_round(round_id=round_.pk, user=staff, now=now - DAY)
