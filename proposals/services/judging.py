"""The deputies' rating, which ends the matter or opens another round."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.services import UnableToAct
from proposals.models import (
    Adoption,
    Afterwards,
    AssignmentRole,
    Communication,
    Feedback,
    Grade,
    HandlingRound,
    Proposal,
)
from proposals.queries.rating import raters_of, unrated
from proposals.rules import RATED, opens_new_round, verdict
from proposals.services.assigning import open_round, terms_of
from proposals.services.common import latest_round, rating_about, take
from proposals.services.parts import checked_text
from proposals.services.promising import WITHIN
from proposals.services.stepping import demand, move_on, pass_by

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case, Outcome
    from deputies.models import Seat

OPINION_LENGTH = 2_000


@transaction.atomic
def rate(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    attitude: str,
    result: str,
    opinion: str = "",
    communication: str = "",
    adoption: str = "",
    cosigners_said: str = "",
    seat_id: int | None = None,
) -> Feedback:
    """Record a deputy's rating of the round on both dimensions (办理态度, 办理结果).

    The lead deputy sums up for those who signed, or each of them rates, as the rules have it; then the round is judged
    when the last rating is in, by the middle one of each dimension. Dissatisfied with the result: the next round opens
    in the same transaction, with the same units and a deadline of its own; or, where the rules have it so, the second
    time the office owes a study of it. ``seat_id`` says whose rating the office
    enters where several deputies rate.
    Raises as ``take`` does, and UnableToAct for an unknown grade, dissatisfaction without an opinion, a text that is
    too long, or a deputy who is not asked or has rated.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="rate", now=now)
    if attitude not in RATED or result not in RATED:
        raise UnableToAct("请对办理态度和办理结果分别作出评价。")
    opinion = checked_words(opinion, "具体意见")
    if Grade.DISSATISFIED in (attitude, result) and not opinion:
        raise UnableToAct("评价为不满意的，请写明具体意见，以便重新办理。")
    round_ = latest_round(proposal)
    raters = raters_of(proposal)
    seat = _whose(proposal, raters, round_, user=user, seat_id=seat_id)
    feedback = Feedback.objects.create(
        round=round_,
        seat=seat,
        attitude=attitude,
        result=result,
        opinion=opinion,
        communication=Communication(communication) if communication else "",
        adoption=Adoption(adoption) if adoption else "",
        cosigners_said=checked_words(cosigners_said, "联名代表的意见"),
        given_at=now,
        recorded_by=user,
    )
    by_proxy = "" if seat.person.user_id == user.pk else f"代{seat.person.name}代表"
    said = f"；意见：{feedback.opinion}" if feedback.opinion else ""
    casework.log(
        case=case,
        actor=user,
        verb="rate",
        sentence=f"{casework.actor_label(user)}{by_proxy}评价{round_}办理：{_in_words(attitude, result)}{said}",
        now=now,
    )
    rated = set(round_.feedbacks.values_list("seat", flat=True))
    if any(one.pk not in rated for one in raters):
        casework.settle(case=case, act="rate", about=rating_about(seat), actor=user, now=now)
    else:
        conclude(case=case, proposal=proposal, round_=round_, deed=Deed(user, f"{seat.person.name}代表", now))
    return feedback


def checked_words(text: str, what: str) -> str:
    """Return what deputies or the office add, without blanks. Raises UnableToAct for too long a text."""
    return checked_text(text, missing="", what=what, longest=OPINION_LENGTH) if text.strip() else ""


def _in_words(attitude: str, result: str) -> str:
    return f"办理态度{Grade(attitude).label}，办理结果{Grade(result).label}"


def _whose(proposal: Proposal, raters: list[Seat], round_: HandlingRound, *, user: User, seat_id: int | None) -> Seat:
    """Return whose rating this is: the user's own, or that which the office enters. Raises UnableToAct."""
    left = unrated(raters, round_)
    if not user.has_role(Role.STAFF):
        seat = next((one for one in raters if one.person.user_id == user.pk), None)
    elif seat_id is None:
        seat = left[0] if len(left) == 1 else None
    else:
        seat = next((one for one in raters if one.pk == seat_id), None)
    if seat is None:
        # Deputies speak for themselves alone, whatever the request names.
        raise UnableToAct("请选择代哪一位代表录入评价。")
    if seat not in left:
        raise UnableToAct(f"{seat.person.name}代表已经评价过本轮办理，不能重复评价。")
    return seat


@dataclass(frozen=True)
class Deed:
    """Who brings the rating of a round to its end, how that is named to others, and when."""

    user: User | None
    label: str
    now: dt.datetime


def conclude(*, case: Case, proposal: Proposal, round_: HandlingRound, deed: Deed) -> None:
    """Judge a round of a locked case by the ratings that are in: end the matter, or open the next round."""
    given = list(round_.feedbacks.all())
    attitude, result = (verdict([getattr(row, name) for row in given]) for name in ("attitude", "result"))
    if len(given) > 1 or given[0].seat_id != proposal.lead_id:
        # What the lead gave alone stands with the lead; everything else is the round's own.
        HandlingRound.objects.filter(pk=round_.pk).update(joint_attitude=attitude, joint_result=result)
        sentence = f"{len(given)}名代表分别评价，{round_}办理综合评价：{_in_words(attitude, result)}"
        casework.log(case=case, actor=None, verb="verdict", sentence=sentence, now=deed.now)
    redo = opens_new_round(result)
    if redo and round_.number > 1 and proposal.rules is not None and proposal.rules.second_time == Afterwards.STUDY:
        redo = False
        _have_studied(case=case, deed=deed)
    outcome = casework.outcome_of(case=case, code="redo" if redo else "pass")
    if redo:
        _again(case=case, proposal=proposal, round_=round_, outcome=outcome, deed=deed)
    else:
        move_on(case=case, proposal=proposal, outcome=outcome, user=deed.user, from_label=deed.label, now=deed.now)


def _have_studied(*, case: Case, deed: Deed) -> None:
    """Let the office owe a study of what deputies are dissatisfied with again (河南 22, 重庆 27)."""
    casework.log(
        case=case, actor=None, verb="study", sentence="代表再次不满意，由代表工作机构组织评估研究", now=deed.now
    )
    casework.oblige(
        case=case,
        act="study",
        verb="组织评估研究",
        owner=casework.role_owner(Role.STAFF),
        from_label=deed.label,
        rule=WITHIN,
        now=deed.now,
    )


def _again(*, case: Case, proposal: Proposal, round_: HandlingRound, outcome: Outcome, deed: Deed) -> None:
    """Open the next round with the same units."""
    now = deed.now
    casework.move(case=case, outcome=outcome, actor=deed.user, now=now)
    proposal.step, proposal.status = case.step, case.status
    units = [(row.unit, row.role) for row in round_.assignments.in_force().select_related("unit")]
    answering = [pair for pair in units if pair[1] != AssignmentRole.ASSIST]
    new_round = open_round(
        case=case,
        proposal=proposal,
        units=answering + [pair for pair in units if pair[1] == AssignmentRole.ASSIST],
        terms=terms_of(
            proposal, outcome=outcome, start=timezone.localdate(now), is_complex=round_.is_complex, by_hand=None
        ),
        is_complex=round_.is_complex,
        reason=f"代表对{round_}办理结果不满意",
        from_label=deed.label,
        now=now,
    )
    casework.log(
        case=case,
        actor=None,
        verb="reopen",
        sentence=f"代表不满意，开始{new_round}办理，承办单位和分工不变",
        now=now,
    )
    via_office = round_.assignments.in_force().filter(via_office=True).values("unit")
    new_round.assignments.filter(unit__in=via_office).update(via_office=True)
    if not demand(case=case, proposal=proposal, outcome=outcome, from_label=deed.label, now=now):
        pass_by(case=case, proposal=proposal, from_label=deed.label, now=now)
