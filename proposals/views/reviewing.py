"""Deciding on a step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from casework.models import Act, CaseStatus, Obligation, Outcome, Stage
from proposals.forms.reviewing import ASKED, NATURES
from proposals.models import Proposal
from proposals.presenters import sections_of
from proposals.presets import CLOSED_AS
from proposals.services.merging import why_not_main
from proposals.services.reviewing import GATES, Decision, missing_for
from proposals.similar import Similar, similar
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

LARGEST_KEY = 18  # digits


@login_required
@GET_OR_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on the current step, whatever the procedure calls it: 审查、初审、定性、督办、提出办理方案."""
    proposal = visible_or_404(request, pk)
    step = proposal.step
    outcomes = list(step.outcomes.select_related("goes_to", "step")) if step else []
    verb = step.verb if step else ""

    in_review = step is not None and step.stage == Stage.REVIEW
    return act_page(
        request,
        pk,
        act="review",
        said=lambda row: _said(row, next(one for one in outcomes if one.code == request.POST["outcome"])),
        template="proposals/review.html",
        heading=verb,
        submit_label=f"提交{verb}结论" if len(outcomes) > 1 else verb,
        intro=_intro(outcomes),
        natures=NATURES,
        sections=sections_of(proposal),
        in_review=in_review,
        similar_rows=partial(_similar_rows, request, proposal, merges=any(o.code == "merge" for o in outcomes)),
        joined=str(proposal.merged_into) if in_review and proposal.merged_into else "",
        gate_url=reverse("proposals:gate", args=[pk]) if step and any(code in GATES for code in step.required) else "",
        missing=partial(_missing, proposal, request.user),
        initial={
            "outcome": "pass",
            "category": proposal.category_id,
            "nature": proposal.nature,
        },
    )


def _intro(outcomes: Sequence[Outcome]) -> str:
    """Return what the decision leads to."""
    onward = next((outcome for outcome in outcomes if outcome.code == "pass"), None)
    if onward is None or onward.goes_to is None:
        return ""
    if onward.step.stage != Stage.REVIEW:
        return f"办好后转入「{onward.goes_to.label}」。"
    registers = onward.goes_to.stage != Stage.REVIEW
    words = f"{onward.label}后{'立案并编号，' if registers else ''}转入「{onward.goes_to.label}」。"
    told = [
        o.label for o in outcomes if o.closes_as == "not_registered" or (o.goes_to and o.goes_to.stage == Stage.SUBMIT)
    ]
    return words + (f"{'、'.join(told)}会告知代表。" if told else "")


def _missing(proposal: Proposal, user: User) -> list[str]:
    """Return what must be there before the step can be passed and is not written on this page."""
    beside = [code for code in proposal.step.required if code not in ASKED]
    return missing_for(proposal, beside, Decision("pass"), user, timezone.localdate()) if beside else []


def _similar_rows(request: HttpRequest, proposal: Proposal, *, merges: bool) -> list[dict[str, Any]]:
    """Return what may be on the same matter, best first, and whether it can be joined."""
    found = similar(proposal.title, proposal.body, user=request.user, congress=proposal.congress, exclude=proposal.pk)
    chosen = request.POST.get("merge_into", "")
    is_key = chosen.isascii() and chosen.isdigit() and len(chosen) <= LARGEST_KEY
    if merges and is_key and int(chosen) not in {one.proposal.pk for one in found}:
        # What was chosen stays on the page, also when the list has changed since.
        others = Proposal.objects.visible_to(request.user).select_related("session__term", "step", "lead__person")
        found += [Similar(row, 0) for row in others.filter(pk=chosen, congress=proposal.congress_id)]
    return [
        {
            "pk": one.proposal.pk,
            "number": one.proposal.display_no,
            "title": one.proposal.title,
            "url": one.proposal.get_absolute_url(),
            "session": str(one.proposal.session),
            "lead": one.proposal.lead.person.name,
            "where": _where(one.proposal),
            "score": one.score,
            "why_not": why_not_main(proposal, one.proposal) if merges else "",
            "can_join": merges and not why_not_main(proposal, one.proposal),
            "is_chosen": str(one.proposal.pk) == chosen,
        }
        for one in found
    ]


def _where(proposal: Proposal) -> str:
    if proposal.status == CaseStatus.CLOSED:
        return CLOSED_AS.get(proposal.closed_as, "已办结")
    words = proposal.step.label
    return f"{words}，已并案" if proposal.merged_into_id else words


def _said(proposal: Proposal, outcome: Outcome) -> str:
    """Return in words what was done."""
    step = Proposal.objects.select_related("step").get(pk=proposal.pk).step
    if step is None:
        return (
            f"已决定{outcome.label}，已告知代表。"
            if outcome.closes_as == "not_registered"
            else f"已办理：{outcome.label}。"
        )
    if outcome.goes_to.stage == Stage.SUBMIT:
        return f"已{outcome.label}，理由已告知代表。"
    if outcome.step.stage == Stage.REVIEW and outcome.goes_to.stage not in (Stage.SUBMIT, Stage.REVIEW):
        if proposal.merged_into_id is None:
            return f"已立案，编为{proposal.display_no}，下一步：{step.label}。"
        follows = "随主件一并交办" if step.act == Act.ASSIGN else "已随主件交办"
        return f"已并入{proposal.merged_into}，编为{proposal.display_no}，{follows}，分别答复。"
    joined = f"，并入{proposal.merged_into}" if outcome.code == "merge" else ""
    if step.pk == outcome.step_id:
        left = Obligation.objects.open().filter(case=proposal.pk, act="review").count()
        return f"已办理：{outcome.label}。还有 {left} 家单位没有办理这一步。"
    return f"已办理：{outcome.label}{joined}，下一步：{step.label}。"
