"""Acts on one proposal that the oversight brings: who oversees it, what a unit puts right, how it is evaluated."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from casework.calendar import spoken
from proposals.acts import SECOND
from proposals.services.inspecting import demands_of
from proposals.services.overseeing import in_force
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404


@login_required
@GET_OR_POST
def oversee(request: HttpRequest, pk: int) -> HttpResponse:
    """确定督办: by a person, a body or both."""
    visible_or_404(request, pk)
    now = "；".join(str(row) for row in in_force(pk))
    return act_page(
        request,
        pk,
        act="oversee",
        said=lambda row: (
            f"已登记：{row.who}{row.get_kind_display()}本件。" + ("已通知督办人。" if row.overseer_id else "")
        ),
        tiles=["kind"],
        heading="确定督办",
        submit_label="确定督办",
        intro=f"现有督办——{now}。" if now else "登记由谁督办、哪次会议确定的。办结以后也可以登记。",
    )


@login_required
@GET_OR_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """解除督办."""
    visible_or_404(request, pk)
    rows = in_force(pk)
    single = f"{rows[0]}，{rows[0].meeting}（{spoken(rows[0].decided_on)}）确定。" if len(rows) == 1 else ""
    return act_page(
        request,
        pk,
        act="lift",
        said=lambda row: f"已解除{row.who}的{row.get_kind_display()}。",
        heading="解除督办",
        submit_label="解除督办",
        intro=single,
    )


@login_required
@GET_OR_POST
def rectify(request: HttpRequest, pk: int) -> HttpResponse:
    """报告整改情况: the unit's answer to what an inspection demanded."""
    visible_or_404(request, pk)
    rows = demands_of(request.user, pk)
    intro = ""
    if len(rows) == 1:
        asked = rows[0]
        intro = f"{spoken(asked.inspection.held_on)}督办检查要求：{asked.demand}（期限{spoken(asked.due_on)}）"
    return act_page(
        request,
        pk,
        act="rectify",
        said="整改情况已报告，代表工委可以看到。",
        heading="报告整改情况",
        submit_label="报告整改情况",
        intro=intro,
        draft_key=f"rectify-{request.user.pk}-{pk}",
    )


@login_required
@GET_OR_POST
def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """提出评估, or 登记评估结论 where one is going on."""
    proposal = visible_or_404(request, pk)
    row = proposal.evaluations.visible_to(request.user).waiting().first()
    # What was sent is read by the form that it was typed into, whatever somebody else has done meanwhile.
    concludes = "conclusion" in request.POST if request.method == "POST" else row is not None
    if not concludes:
        return act_page(
            request,
            pk,
            act="evaluate",
            said=lambda made: f"已登记，评估应当在{spoken(made.due_on)}前完成。",
            heading="提出评估",
            submit_label="提出评估",
            intro="经会议决定，对本件的办理情况进行评估。办结以后也可以评估。",
        )
    return act_page(
        request,
        pk,
        act="evaluate",
        way=SECOND["evaluate"],
        said=lambda made: f"评估结论已登记：{made.get_grade_display()}，已告知主办、分办单位。",
        tiles=["grade"],
        heading="登记评估结论",
        submit_label="登记评估结论",
        intro=f"{row.meeting}（{spoken(row.decided_on)}）决定评估，评估人员：{row.evaluators}。原因：{row.why}"
        if row
        else "",
    )
