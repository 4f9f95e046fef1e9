"""What units ask for in their parts, the office's decisions, another unit in the place of one, and opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.presenters import deadline_words
from proposals.models import Assignment, AssignmentRole, Proposal
from proposals.queries import parts as queries
from proposals.rules import rule_of
from proposals.services.requesting import extension_approver, extension_limit, reply_owed
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404
from proposals.views.assigning import Facts, dated, due_words, fact, unit_words

if TYPE_CHECKING:
    import datetime as dt

    from proposals.models import ExtensionRequest, ReturnRequest

TEMPLATE = "proposals/assign.html"


def _part_facts(part: Assignment) -> Facts:
    return [
        fact("承办单位", f"{part.unit}（{part.get_role_display()}）"),
        fact("交办日期", spoken(part.assigned_on) if part.assigned_on else "没有记载"),
    ]


def _return_facts(proposal: Proposal, part: Assignment | None) -> Facts:
    if part is None:
        return []
    limit = rule_of(proposal.rules, "return_request")
    until = "没有规定期限"
    if limit.rule and part.assigned_on:
        due = casework.compute_due(start=part.assigned_on, rule=limit.rule, rolls=limit.rolls, source=limit.source)
        until = due_words(due)
    who = "政府办" if part.via_office else "代表工委"
    return [*_part_facts(part), fact("申请退办的期限", until), fact("由谁审批", who)]


@login_required
@GET_OR_POST
def ask_return(request: HttpRequest, pk: int) -> HttpResponse:
    """申请退办, by a unit whose task it is not."""
    proposal = visible_or_404(request, pk)
    part = queries.own_part(request.user, queries.round_in_progress(proposal))

    return act_page(
        request,
        pk,
        act="return",
        said="退办申请已提交。批准之前请继续办理。",
        template=TEMPLATE,
        heading="申请退办",
        submit_label="提交退办申请",
        intro="不属于本单位职责范围的，说明理由申请退办；不得滞留、延误和自行转办。",
        facts=_return_facts(proposal, part),
        draft_key=f"return-{request.user.pk}-{pk}",
    )


def _asked(row: ReturnRequest | ExtensionRequest, now: dt.datetime) -> Facts:
    at = timezone.localtime(row.requested_at, now.tzinfo if now.tzinfo else None)
    return [
        *_part_facts(row.assignment),
        fact("申请时间", f"{spoken(at.date())} {at:%H:%M}"),
        fact("理由", row.reason),
        fact("单位负责人", row.signed_by or "没有填写"),
    ]


def _requests(heading: str, rows: list[tuple[Any, Facts]]) -> list[dict[str, Any]]:
    return [{"heading": f"{row.assignment.unit}{heading}", "facts": facts} for row, facts in rows]


@login_required
@GET_OR_POST
def decide_return(request: HttpRequest, pk: int) -> HttpResponse:
    """审批退办: refuse, or agree and name the unit that takes over."""
    proposal = visible_or_404(request, pk)
    round_ = queries.round_in_progress(proposal)
    waiting = queries.waiting_returns(request.user, proposal, round_)
    now = timezone.localtime()
    rows = [
        (row, [*_asked(row, now), fact("建议改由", str(row.suggested_unit) if row.suggested_unit else "没有建议")])
        for row in waiting
    ]
    others = [part for part in queries.parts_of(round_) if part.pk not in {row.assignment_id for row in waiting}]

    return act_page(
        request,
        pk,
        act="decide-return",
        said="审批意见已保存，申请单位已收到通知。",
        template=TEMPLATE,
        heading="审批退办",
        submit_label="提交审批意见",
        intro="同意退办的，同时确定改由哪个单位承办，办理时间自改办之日起重新计算。",
        requests=_requests("申请退办", rows),
        facts=[fact("其他承办单位", unit_words(others))] if others else [],
        tiles=["verdict"],
        initial={"unit": waiting[0].suggested_unit_id if len(waiting) == 1 else None},
    )


@login_required
@GET_OR_POST
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """改办: another unit in the place of one, without a request."""
    proposal = visible_or_404(request, pk)
    round_ = queries.round_in_progress(proposal)
    parts = queries.parts_to_reassign(request.user, round_)
    along = queries.parts_along(request.user, proposal, parts)
    facts = []
    if len(parts) == 1:
        facts += _part_facts(parts[0])
    if along:
        words = "；".join(f"{item}（{'、'.join(str(part.unit) for part in same)}）" for item, same in along.items())
        facts.append(fact("并案建议中同一单位还没有答复的，一并改办", words))

    return act_page(
        request,
        pk,
        act="reassign",
        said="已改办，两个单位都已收到通知。",
        template=TEMPLATE,
        heading="改办",
        submit_label="改办",
        intro="已经答复的不能改办。办理时间自改办之日起重新计算。",
        facts=facts,
    )


def _limit_facts(proposal: Proposal, part: Assignment) -> Facts:
    limit = extension_limit(proposal, part)
    owed = reply_owed(proposal, part)
    found = [
        fact("现在的答复期限", dated(part.due_on, owed.due_basis if owed else "")),
        fact("最长可以延至", due_words(limit)),
    ]
    rules = proposal.rules
    if rules and rules.extend_by_max:
        found.append(fact("最多延长", f"{deadline_words(rules.extend_by_max)}，自原答复期限起"))
    return found


@login_required
@GET_OR_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """申请延期, before the reply is due."""
    proposal = visible_or_404(request, pk)
    part = queries.own_part(request.user, queries.round_in_progress(proposal))
    facts: Facts = []
    if part is not None and part.due_on is not None and part.role != AssignmentRole.ASSIST:
        approver = extension_approver(proposal, part)
        facts = [*_part_facts(part), *_limit_facts(proposal, part), fact("由谁批准", approver.label)]

    return act_page(
        request,
        pk,
        act="extend",
        said="延期申请已提交。批准之前仍按原期限办理。",
        template=TEMPLATE,
        heading="申请延期",
        submit_label="提交延期申请",
        intro="不能在期限内答复的，应当在期限届满前申请延期。",
        facts=facts,
        draft_key=f"extend-{request.user.pk}-{pk}",
    )


@login_required
@GET_OR_POST
def decide_extension(request: HttpRequest, pk: int) -> HttpResponse:
    """审批延期: grant a date within the limit, or refuse."""
    proposal = visible_or_404(request, pk)
    waiting = queries.waiting_extensions(request.user, proposal, queries.round_in_progress(proposal))
    now = timezone.localtime()
    rows = [
        (row, [*_asked(row, now), fact("申请延至", spoken(row.wanted_until)), *_limit_facts(proposal, row.assignment)])
        for row in waiting
    ]

    return act_page(
        request,
        pk,
        act="decide-extension",
        said="审批意见已保存，申请单位已收到通知。",
        template=TEMPLATE,
        heading="审批延期",
        submit_label="提交审批意见",
        intro="同意延期的，填写批准延至的日期；不同意的，写明理由。",
        requests=_requests("申请延期", rows),
        tiles=["verdict"],
        initial={"granted_until": waiting[0].wanted_until if len(waiting) == 1 else None},
    )


@login_required
@GET_OR_POST
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """提出协办意见, by an assisting unit to the lead one."""
    proposal = visible_or_404(request, pk)
    round_ = queries.round_in_progress(proposal)
    part = queries.own_part(request.user, round_)
    facts: Facts = []
    if part is not None:
        answering = [row for row in queries.parts_of(round_) if row.role != AssignmentRole.ASSIST]
        owed = proposal.obligations.open().filter(act="opinion", owner_unit=part.unit_id).first()
        facts.append(fact("提给", unit_words(answering) or "主办单位还没有确定"))
        if owed and owed.due_on:
            facts.append(fact("期限", dated(owed.due_on, owed.due_basis)))
        facts += [
            fact("上次意见被退回的理由", row.sent_back_why)
            for row in part.opinions.order_by("-pk")[:1]
            if row.sent_back_at
        ]

    return act_page(
        request,
        pk,
        act="opinion",
        said="协办意见已提交，主办单位已收到通知。",
        template=TEMPLATE,
        heading="提出协办意见",
        submit_label="提交协办意见",
        intro="协办意见提给主办单位，由主办单位统一答复代表。",
        facts=facts,
        draft_key=f"opinion-{request.user.pk}-{pk}",
    )


@login_required
@GET_OR_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回协办意见, by the unit that answers, until it has answered."""
    proposal = visible_or_404(request, pk)
    round_ = queries.round_in_progress(proposal)
    # Others neither read what the units tell each other nor are they asked anything here.
    standing = queries.standing_opinions(round_) if queries.own_part(request.user, round_) else []

    return act_page(
        request,
        pk,
        act="send-back",
        said="已退回，协办单位已收到通知。",
        template=TEMPLATE,
        heading="退回协办意见",
        submit_label="退回",
        intro="退回后由协办单位重新提出意见。",
        requests=[
            {"heading": f"{row.assignment.unit}的协办意见", "facts": [fact("意见", row.body)]} for row in standing
        ],
    )
