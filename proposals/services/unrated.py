"""What deputies never rate: it ends by the rules or by the office, and waits for nobody who has left office."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.models import Act, ObligationState
from casework.queries import work_calendar
from proposals.models import AssignmentRole, Proposal, Raters
from proposals.queries.rating import raters_of, unrated
from proposals.rules import rule_of
from proposals.services.common import latest_round, lead_owner, loaded, rating_about, take
from proposals.services.judging import Deed, checked_words, conclude
from proposals.services.parts import tell_unit
from proposals.services.sweeping import one_by_one

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case


@transaction.atomic
def close_unrated(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, note: str = ""
) -> Proposal:
    """End, by the office, what deputies have not rated in time; it leaves the rate of satisfaction (重庆 29).

    Where some of several deputies have rated, their ratings decide. Raises as ``take`` does (before the date among
    others), and UnableToAct for a note that is too long.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="close-unrated", now=now)
    note = checked_words(note, "说明")
    had_date = case.obligations.open().filter(act="rate", due_on__isnull=False).exists()
    why = (
        f"{casework.actor_label(user)}按未评价办结："
        + (f"{note.rstrip('。')}；" if note else "")
        + ("代表超过评价期限没有评价" if had_date else "代表一直没有评价")
    )
    _close(case=case, proposal=proposal, deed=Deed(user, user.hat.label, now), why=why)
    return proposal


def close_unrated_by_rule(*, now: dt.datetime) -> int:
    """End what has not been rated for as long after the date as its rules allow; return how many items.

    What is found late is closed late: nothing depends on the day on which this runs.
    """
    today = timezone.localdate(now)
    waiting = Proposal.objects.filter(
        step__act=Act.RATE,
        rules__unrated_close__gt="",
        obligations__act="rate",
        obligations__state=ObligationState.OPEN,
        obligations__due_on__lt=today,
    )
    keys = waiting.order_by("pk").distinct().values_list("pk", flat=True)
    return one_by_one(keys, lambda key: _close_by_rule(key, now))


def _close_by_rule(key: int, now: dt.datetime) -> bool:
    case = casework.lock_case(case_id=key, seen_version=None)
    if case.step is None or case.step.act != Act.RATE:
        return False
    proposal = loaded(key)
    owed = case.obligations.open().filter(act="rate", due_on__isnull=False)
    dates = owed.order_by("-due_on").values_list("due_on", flat=True)
    limit = rule_of(proposal.rules, "unrated_close")
    if not dates or not limit.rule:
        return False
    ends_on = work_calendar(dates[0]).due(dates[0], limit.rule, rolls=limit.rolls).on
    if ends_on >= timezone.localdate(now):
        return False
    why = f"代表评价期限{spoken(dates[0])}届满，至{spoken(ends_on)}仍没有评价，按规则办结"
    _close(case=case, proposal=proposal, deed=Deed(None, "系统", now), why=why)
    return True


def excuse_who_left(*, now: dt.datetime) -> int:
    """Wait no longer for those who signed and are deputies no more; return how many items that concerned.

    With nobody left to wait for, the round is judged by the ratings that are in.
    """
    waiting = Proposal.objects.filter(
        step__act=Act.RATE,
        rules__raters=Raters.EACH,
        obligations__act="rate",
        obligations__state=ObligationState.OPEN,
        cosignatures__seat__ended_on__isnull=False,
    )
    keys = waiting.order_by("pk").distinct().values_list("pk", flat=True)
    return one_by_one(keys, lambda key: _excuse(key, now))


def _excuse(key: int, now: dt.datetime) -> bool:
    case = casework.lock_case(case_id=key, seen_version=None)
    if case.step is None or case.step.act != Act.RATE:
        return False
    proposal = loaded(key)
    asked = {rating_about(seat) for seat in raters_of(proposal)}
    gone = case.obligations.open().filter(act="rate", about__gt="").exclude(about__in=asked)
    labels = "、".join(gone.order_by("pk").values_list("owner_label", flat=True))
    if not labels:
        return False
    for about in gone.values_list("about", flat=True):
        casework.settle(case=case, act="rate", about=about, actor=None, now=now, state=ObligationState.CANCELLED)
    casework.log(case=case, actor=None, verb="excuse", sentence=f"{labels}已不再担任代表，不再等待其评价", now=now)
    round_ = latest_round(proposal)
    if not unrated(raters_of(proposal), round_):
        conclude(case=case, proposal=proposal, round_=round_, deed=Deed(None, "系统", now))
    return True


def _close(*, case: Case, proposal: Proposal, deed: Deed, why: str) -> None:
    round_ = latest_round(proposal)
    if round_ is not None and round_.feedbacks.exists():
        casework.log(
            case=case, actor=deed.user, verb="close-unrated", sentence=f"{why}，以已有的评价为准", now=deed.now
        )
        casework.settle(case=case, act="rate", actor=deed.user, now=deed.now, state=ObligationState.CANCELLED)
        conclude(case=case, proposal=proposal, round_=round_, deed=deed)
        return
    casework.log(case=case, actor=deed.user, verb="close-unrated", sentence=f"{why}，不计入满意率", now=deed.now)
    casework.close(case=case, closed_as="unrated", actor=deed.user, now=deed.now)
    proposal.step, proposal.status = case.step, case.status
    title, body = f"未评价办结：{case}", "超过评价期限没有评价，本件已办结，不计入满意率。"
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=title, body=body, now=deed.now)
    for part in (
        round_.assignments.in_force().exclude(role=AssignmentRole.ASSIST).select_related("unit") if round_ else ()
    ):
        tell_unit(case=case, unit=part.unit, title=title, body=body, now=deed.now)
