"""Giving a proposal to units: by the committee, and at the second level by the government office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from casework import services as casework
from casework.calendar import Due, spoken
from casework.models import Act, Outcome
from proposals.models import AssignmentRole, Proposal
from proposals.queries import parts as queries
from proposals.rules import has_longer_reply
from proposals.services.assigning import distribute_within, terms_of
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404

if TYPE_CHECKING:
    import datetime as dt

    from proposals.models import Assignment, HandlingRound
    from proposals.rules import Deadline

Facts = list[dict[str, Any]]


def fact(label: str, value: str) -> dict[str, Any]:
    """Return one line of what the page tells before it asks."""
    return {"label": label, "value": value, "wide": True}


def dated(on: dt.date, basis: str) -> str:
    """Return a date with the reason for it, where there is one."""
    return f"{spoken(on)}：{basis}" if basis else spoken(on)


def due_words(due: Due | None) -> str:
    """Return a due date with the reason for it."""
    return dated(due.on, due.basis) if due else "没有规定期限"


def within_words(within: Deadline, start: dt.date) -> str:
    """Return the due date of a rule with the reason for it."""
    due = casework.compute_due(start=start, rule=within.rule, rolls=within.rolls, source=within.source)
    return due_words(due)


def titles(rows: list[Proposal]) -> str:
    """Return the items in one line."""
    return "；".join(str(row) for row in rows)


def unit_words(parts: list[Assignment]) -> str:
    """Return units with their roles in one line."""
    return "、".join(f"{part.unit}（{part.get_role_display()}）" for part in parts)


def _assign_facts(proposal: Proposal, today: dt.date) -> Facts:
    if proposal.step is None or proposal.step.act != Act.ASSIGN:
        return []
    outcome = Outcome.objects.filter(step=proposal.step, code="pass").first()
    found = []
    if proposal.suggested_unit:
        found.append(fact("代表建议的承办单位", proposal.suggested_unit.name))
    lengths = [(False, "今天交办的答复期限")]
    if has_longer_reply(proposal.rules):
        lengths.append((True, "涉及面广、处理难度大的"))
    for is_complex, label in lengths:
        terms = terms_of(proposal, outcome=outcome, start=today, is_complex=is_complex, by_hand=None)
        found.append(fact(label, due_words(terms.due)))
    found.append(fact("交政府办分办的，分办期限", within_words(distribute_within(proposal, proposal.step), today)))
    if along := queries.assigned_along(proposal):
        found.append(fact("一并交办的并案建议", titles(along)))
    return found


@login_required
@GET_OR_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """交办: a lead unit, assisting units, units that answer separately, the government office; a deadline."""
    proposal = visible_or_404(request, pk)
    return act_page(
        request,
        pk,
        act="assign",
        said="已交办，承办单位已收到通知。",
        template="proposals/assign.html",
        heading="交办",
        submit_label="交办",
        intro="选择主办单位和协办单位，或者由几个单位分办，也可以交政府办分办。一个单位只能承担一种任务。",
        facts=_assign_facts(proposal, timezone.localdate()),
        initial={"lead": proposal.suggested_unit_id},
    )


def _distribute_facts(proposal: Proposal, round_: HandlingRound | None, parts: list[Assignment]) -> Facts:
    handed = getattr(round_, "distribution", None)
    if handed is None or handed.distributed_at is not None:
        return []
    terms = terms_of(
        proposal, outcome=None, start=handed.handed_on, is_complex=round_.is_complex, by_hand=handed.due_on
    )
    owed = proposal.obligations.open().filter(act="distribute").first()
    found = [
        fact("交办意见", handed.note or "没有另写意见"),
        fact("交办日期", spoken(handed.handed_on)),
        fact("答复期限", due_words(terms.due)),
    ]
    if owed and owed.due_on:
        found.append(fact("分办期限", dated(owed.due_on, owed.due_basis)))
    if proposal.suggested_unit:
        found.append(fact("代表建议的承办单位", proposal.suggested_unit.name))
    if parts:
        found.append(fact("人大常委会已经交办", unit_words(parts)))
    if along := queries.distributed_along(proposal):
        found.append(fact("一并分办的并案建议", titles(along)))
    return found


@login_required
@GET_OR_POST
def distribute(request: HttpRequest, pk: int) -> HttpResponse:
    """分办: the government office splits among departments what the committee handed to it."""
    proposal = visible_or_404(request, pk)
    round_ = queries.round_in_progress(proposal)
    parts = queries.parts_of(round_)
    has_lead = any(part.role == AssignmentRole.LEAD for part in parts)

    return act_page(
        request,
        pk,
        act="distribute",
        said="已分办，承办单位已收到通知。",
        template="proposals/assign.html",
        heading="分办",
        submit_label="分办",
        intro="答复期限自人大常委会交办之日起计算，不因分办顺延。",
        facts=_distribute_facts(proposal, round_, parts),
        initial={"lead": None if has_lead else proposal.suggested_unit_id},
    )
