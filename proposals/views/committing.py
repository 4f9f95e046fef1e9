"""The acts on commitments; each page is about one of those on a proposal."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from proposals.abilities import abilities
from proposals.models import AttachmentKind, Commitment, CommitmentState, Proposal
from proposals.queries.commitments import to_act_on
from proposals.services.attaching import attach_many
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404


@login_required
@GET_OR_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """登记承诺事项."""
    return act_page(
        request,
        pk,
        act="commit",
        said="承诺事项已登记，到期前会提醒本单位。",
        heading="登记承诺事项",
        submit_label="登记承诺",
        intro="答复中承诺解决的事项记入承诺台账，跨年度、跨届次跟踪，直到落实。",
        draft_key=f"commit-{request.user.pk}-{pk}",
    )


def _page(request: HttpRequest, pk: int, act: str, **words: Any) -> HttpResponse:
    return act_page(
        request,
        pk,
        act=act,
        template="proposals/commitment.html",
        draft_key=f"{act}-{request.user.pk}-{pk}",
        **words,
    )


@login_required
@GET_OR_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """报告承诺落实: progress, that it is kept, or why it cannot be."""
    refused = _kept_evidence(request, visible_or_404(request, pk))
    return _page(
        request,
        pk,
        "commitment-report",
        also={"refused_files": refused},
        said=lambda step: f"已{step.get_kind_display()}，已告知代表。",
        heading="报告承诺落实",
        submit_label="提交",
        intro="申报落实和说明不能落实的，由代表工委核实。",
        initial={"happened_on": timezone.localdate()},
    )


def _kept_evidence(request: HttpRequest, proposal: Proposal) -> list[str]:
    """Keep the file that came with the report, whatever else is wrong in it; return why it was refused."""
    upload = request.FILES.get("file") if request.method == "POST" else None
    chosen = request.POST.get("commitment_id", "")
    if upload is None or "commitment-report" not in abilities(request.user, proposal):
        return []
    rows = {str(row.pk): row for row in to_act_on(request.user, proposal, "commitment-report")}
    if chosen not in rows:
        return ["请先选择承诺事项，再选一次文件。"]
    row = rows[chosen]
    result = attach_many(
        proposal_id=proposal.pk,
        user=request.user,
        now=timezone.now(),
        uploads=[upload],
        kind=AttachmentKind.EVIDENCE,
        assignment=row.assignment,
        commitment=row,
    )
    return [f"没有保存「{names[0][:100]}」：{reason}" for reason, names in result.refused.items()]


@login_required
@GET_OR_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """核实承诺."""

    def said(row: Commitment) -> str:
        if row.state == CommitmentState.OPEN:
            return "已退回，承办单位继续落实。"
        return f"已核实：{row.get_state_display()}。"

    return _page(
        request,
        pk,
        "commitment-verify",
        said=said,
        heading="核实承诺",
        submit_label="提交核实结果",
        intro="核实承办单位申报的落实情况。",
        tiles=["agreed"],
    )


@login_required
@GET_OR_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """调整承诺期限."""
    return _page(
        request,
        pk,
        "commitment-change",
        said="承诺期限已调整，已告知承办单位和代表。",
        heading="调整承诺期限",
        submit_label="调整期限",
        intro="原来的期限保留在落实经过中。",
    )


@login_required
@GET_OR_POST
def look_back(request: HttpRequest, pk: int) -> HttpResponse:
    """登记回头督."""
    return _page(
        request,
        pk,
        "look-back",
        said="回头督情况已登记，已告知承办单位。",
        heading="登记回头督",
        submit_label="登记回头督",
        intro="对答复中承诺解决的事项回头督办，看落实到什么程度。",
        initial={"happened_on": timezone.localdate()},
    )


@login_required
@GET_OR_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """评价承诺落实."""
    return _page(
        request,
        pk,
        "commitment-rate",
        said="评价已提交。",
        heading="评价承诺落实",
        submit_label="提交评价",
        intro="请评价承办单位落实承诺的情况。",
        tiles=["grade"],
    )
