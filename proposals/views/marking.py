"""What the office keeps on record beside the steps: gates, conversion, key items, what became of them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from casework.calendar import spoken
from proposals.acts import SECOND
from proposals.models import Gate, Proposal, ProposalKind
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404


@login_required
@GET_OR_POST
def gate(request: HttpRequest, pk: int) -> HttpResponse:
    """登记把关: the three gates of quality, who passed them, and those that are left."""
    proposal = visible_or_404(request, pk)
    passed = {row.gate: row for row in proposal.gate_checks.select_related("passed_by")}
    left = [one for one in Gate if one not in passed]
    step = proposal.step
    asked = {code.removeprefix("gate_") for code in step.required} if step else set()
    rows = [{"label": one.label, "check": passed.get(one), "is_asked": one in asked} for one in Gate]

    def said(_: Proposal) -> str:
        done = set(proposal.gate_checks.values_list("gate", flat=True))
        waiting = [one.label for one in Gate if one not in done]
        return f"已登记，还没有通过的：{'、'.join(waiting)}。" if waiting else "已登记，三关都已通过。"

    return act_page(
        request,
        pk,
        act="gate",
        said=said,
        template="proposals/gate.html",
        heading="登记把关",
        submit_label="登记通过",
        intro="指导关、调研关、质量关各登记一次，登记后不能更改。",
        gates=rows,
        is_done=not left,
    )


@login_required
@GET_OR_POST
def convert(request: HttpRequest, pk: int) -> HttpResponse:
    """转为建议 or 转为议案."""
    proposal = visible_or_404(request, pk)
    other = ProposalKind.BILL if proposal.form == ProposalKind.SUGGESTION else ProposalKind.SUGGESTION

    needs = "转为议案应当有法定人数的代表联名，并写明案由、案据和方案。" if other == ProposalKind.BILL else ""
    return act_page(
        request,
        pk,
        act="convert",
        said=lambda row: f"已转为{row.get_form_display()}，已告知代表。",
        heading=f"转为{other.label}",
        submit_label=f"转为{other.label}",
        intro=f"本件现在是{proposal.get_form_display()}。{needs}编号和所在步骤不变。",
    )


@login_required
@GET_OR_POST
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """确定重点督办, or take it back."""
    proposal = visible_or_404(request, pk)
    # What was sent is read by the form that it was typed into, whatever somebody else has done meanwhile.
    ends = "reason" in request.POST if request.method == "POST" else proposal.is_key
    if ends:
        return _no_longer_key(request, proposal)

    return act_page(
        request,
        pk,
        act="key",
        said=lambda row: f"已登记：{row.key_meeting}确定{row.display_no}为重点督办，已告知代表。",
        heading="确定重点督办",
        submit_label="确定重点督办",
        intro="重点督办由主任会议确定（代表法第五十二条），请登记会议名称和日期。",
    )


def _made_key(proposal: Proposal) -> str:
    if not proposal.is_key:
        return ""
    return f"本件由{proposal.key_meeting}（{spoken(proposal.key_decided_on)}）确定为重点督办。"


def _no_longer_key(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    return act_page(
        request,
        proposal.pk,
        act="key",
        way=SECOND["key"],
        said="已取消重点督办。",
        heading="取消重点督办",
        submit_label="取消重点督办",
        intro=f"{_made_key(proposal)}原来的记载保留在办理经过中。",
    )


@login_required
@GET_OR_POST
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    """登记跟踪情况: what became of a registered item over the years."""
    proposal = visible_or_404(request, pk)

    return act_page(
        request,
        pk,
        act="milestone",
        said=lambda row: f"已登记跟踪情况：{spoken(row.happened_on)}，{row.get_kind_display()}。",
        template="proposals/milestone.html",
        heading="登记跟踪情况",
        submit_label="登记",
        intro="办结以后也可以登记。登记后不能更改和删除；写错的，请再登记一条说明更正。",
        milestones=proposal.milestones.select_related("recorded_by"),
    )
