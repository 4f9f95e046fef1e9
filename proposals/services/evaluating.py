"""Evaluating how a proposal was handled: why and by whom, and with which result."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from casework import services as casework
from casework.calendar import spoken
from casework.services import UnableToAct
from notices import services as notices
from proposals.models import Assignment, Evaluation, EvaluationGrade
from proposals.services.assigning import ANSWERING
from proposals.services.common import latest_round, take
from proposals.services.inspecting import INSPECTORS_LENGTH
from proposals.services.marking import NOTE_LENGTH, checked
from proposals.services.reviewing import MEETING_LENGTH, check_meeting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.models import Case
    from proposals.models import Proposal

CONCLUSION_LENGTH = 5_000
FOLLOW_UP_LENGTH = 2_000
HAS_RESULT = "本件的评估已经有结论，请刷新页面查看最新情况。"


@transaction.atomic
def open_evaluation(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    why: str,
    evaluators: str,
    meeting: str,
    decided_on: dt.date,
    due_on: dt.date,
) -> Evaluation:
    """Have the handling of a proposal evaluated; the office owes the result by the day, whatever becomes of the case.

    Raises as ``take`` does, and UnableToAct for missing texts, an impossible meeting, a day that has passed, or an
    evaluation that is still going on.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="evaluate", now=now)
    known = proposal.evaluations.waiting().first()
    if known is not None:
        raise UnableToAct(f"本件正在评估（{known.meeting}决定），完成以后才能再次提出。")
    why = checked(why, what="评估原因", limit=NOTE_LENGTH)
    evaluators = checked(evaluators, what="评估人员", limit=INSPECTORS_LENGTH)
    meeting = checked(meeting, what="决定评估的会议", limit=MEETING_LENGTH)
    check_meeting(meeting, decided_on, proposal=proposal, now=now)
    if due_on < timezone.localdate(now):
        raise UnableToAct("完成期限不能早于今天。")
    row = Evaluation.objects.create(
        proposal=proposal, why=why, evaluators=evaluators, meeting=meeting, decided_on=decided_on, due_on=due_on,
        opened_at=now, opened_by=user,
    )  # fmt: skip
    casework.settle(case=case, act="study", actor=user, now=now)
    casework.oblige(
        case=case, act="evaluate", verb="完成评估", owner=casework.role_owner(Role.STAFF), from_label=meeting, now=now,
        due_on=due_on, basis="决定评估时确定", about=f"evaluation:{row.pk}",
    )  # fmt: skip
    said = f"登记：{meeting}（{spoken(decided_on)}）决定评估本件的办理情况，由{evaluators}于{spoken(due_on)}前完成。原因：{why}"
    _log(case, user, said, now, units=[])
    return row


@transaction.atomic
def conclude_evaluation(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    grade: str,
    conclusion: str,
    follow_up: str = "",
) -> Evaluation:
    """Record the result of the evaluation that is going on; the answering units are told what they are to do.

    Raises as ``take`` does, and UnableToAct without an evaluation, for an unknown grade or a missing conclusion.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="evaluate", now=now)
    row = proposal.evaluations.waiting().first()
    if row is None:
        raise UnableToAct(HAS_RESULT)
    if grade not in EvaluationGrade.values:
        raise UnableToAct("请选择评估等次。")
    row.grade = grade
    row.conclusion = checked(conclusion, what="评估结论", limit=CONCLUSION_LENGTH)
    row.follow_up = checked(follow_up, what="后续意见", limit=FOLLOW_UP_LENGTH, must=False)
    row.concluded_at, row.concluded_by = now, user
    row.save(update_fields=["grade", "conclusion", "follow_up", "concluded_at", "concluded_by"])
    casework.settle(case=case, act="evaluate", about=f"evaluation:{row.pk}", actor=user, now=now)
    follow = f"；后续意见：{row.follow_up}" if row.follow_up else ""
    units = _answering(proposal)
    _log(case, user, f"登记评估结论（{row.get_grade_display()}）：{row.conclusion}{follow}", now, units=units)
    notices.tell(
        rule="inform", object_key=f"evaluation:{row.pk}", due_on=timezone.localdate(now),
        recipients=User.objects.filter(memberships__unit__in=units, is_active=True).distinct().order_by("pk"),
        title=f"办理情况评估为「{row.get_grade_display()}」：{proposal}", body=row.follow_up or row.conclusion[:200],
        url=case.get_absolute_url(), now=now,
    )  # fmt: skip
    return row


def _answering(proposal: Proposal) -> Sequence[int]:
    parts = Assignment.objects.in_force().filter(round=latest_round(proposal), role__in=ANSWERING)
    return list(parts.order_by("pk").values_list("unit", flat=True))


def _log(case: Case, user: User, said: str, now: dt.datetime, *, units: Sequence[int]) -> None:
    sentence = f"{casework.actor_label(user)}{said}"
    casework.log(case=case, actor=user, verb="evaluate", sentence=sentence, now=now, data={"units": units})
