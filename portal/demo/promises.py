"""What the units of the made-up county promised in their replies, and how they kept it."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

from django.db.models import F, Max
from django.utils import timezone

from casework.models import Case, Event, Obligation, ObligationState
from casework.services import actor_label
from portal.demo.plan import DAY
from proposals.models import Commitment, CommitmentState, CommitmentStep
from proposals.services.promising import about_of

if TYPE_CHECKING:
    from accounts.models import User
    from portal.demo.texts import Paper

SHORTEST, LONGEST = 90, 300
# What has been due for less is still being done: a few are late, as in life.
LATE_DAYS = 12
GIVEN_UP = 0.06
WAYS = (
    "年底前建成投用",
    "列入明年财政预算并组织实施",
    "完成设计和招标，按期开工",
    "分两批完成改造",
    "制定办法并开展检查",
)
KEPT = ("已按承诺完成，经验收投入使用，再次答复代表。", "工程已完工，代表到现场看过。", "资金已到位，项目已实施完毕。")
NOT_KEPT = ("上级规划调整，项目不再实施，已向代表书面说明情况。",)
SEEN = ("实地查看，情况属实。", "查看验收材料并电话回访代表，情况属实。")


def made(paper: Paper, *, today: dt.date, head: str, chance: random.Random) -> dict[str, object]:
    """Return what a unit promises about a paper: the matter, who answers for it, by when."""
    subject = paper.title.removeprefix("关于").removesuffix("的建议").removesuffix("的议案")
    return {
        "matter": f"{subject}：{chance.choice(WAYS)}",
        "responsible": head,
        "promised_for": today + chance.randint(SHORTEST, LONGEST) * DAY,
    }


def keep(*, staff: User, now: dt.datetime, chance: random.Random) -> int:
    """Let the units keep what fell due some time ago, and the office verify it; a few cannot. Returns how many."""
    today = timezone.localdate(now)
    due = Commitment.objects.filter(state=CommitmentState.OPEN, due_on__lt=today - LATE_DAYS * DAY)
    rows = list(due.select_related("unit", "recorded_by").order_by("pk"))
    steps, events = [], []
    last = dict(
        Event.objects.filter(case__in=[row.proposal_id for row in rows])
        .order_by()
        .values_list("case")
        .annotate(at=Max("at"))
    )
    for row in rows:
        is_kept = chance.random() >= GIVEN_UP
        row.settled_on = row.due_on - chance.randint(1, 20) * DAY
        row.state = CommitmentState.KEPT if is_kept else CommitmentState.DROPPED
        kind, said = ("claim", chance.choice(KEPT)) if is_kept else ("explain", chance.choice(NOT_KEPT))
        label = "申报落实" if is_kept else "说明不能落实"
        told = f"{actor_label(row.recorded_by)}{label}「{row.matter}」：{said}"
        found = f"{actor_label(staff)}核实「{row.matter}」{'已经落实' if is_kept else '不能落实，不再跟踪'}"
        seen = chance.choice(SEEN)
        for when, user, step, text, verb, sentence in (
            (row.settled_on, row.recorded_by, kind, said, f"commitment-{kind}", told),
            (row.settled_on + 3 * DAY, staff, "confirm", seen, "commitment-verify", f"{found}：{seen}"),
        ):
            at = timezone.make_aware(dt.datetime.combine(when, dt.time(10, chance.randint(0, 59))))
            # What was done on the case meanwhile comes first in its history.
            at = last[row.proposal_id] = max(at, last[row.proposal_id])
            steps.append(
                CommitmentStep(commitment=row, kind=step, happened_on=when, text=text, recorded_at=at, recorded_by=user)
            )
            events.append(
                Event(
                    case_id=row.proposal_id, at=at, actor=user, actor_label=actor_label(user), verb=verb,
                    sentence=sentence, data={"commitment": row.pk},
                )
            )  # fmt: skip
        Obligation.objects.filter(case=row.proposal_id, about=about_of(row), state=ObligationState.OPEN).update(
            state=ObligationState.DONE, closed_at=steps[-2].recorded_at, closed_by=row.recorded_by
        )
    Case.objects.filter(pk__in=[row.proposal_id for row in rows]).update(version=F("version") + 2)
    Commitment.objects.bulk_update(rows, ["state", "settled_on"])
    CommitmentStep.objects.bulk_create(steps)
    Event.objects.bulk_create(events)
    return len(rows)
