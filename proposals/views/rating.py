"""Judging the handling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from proposals.models import Proposal
from proposals.presenters import replies_to_rate
from proposals.queries.rating import rating_desk
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404

if TYPE_CHECKING:
    from proposals.models import Feedback


@login_required
@GET_OR_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """评价, on two dimensions, beside the replies that are judged."""
    proposal = visible_or_404(request, pk)
    desk = rating_desk(request.user, proposal)

    def said(_: Feedback) -> str:
        waits = len(desk.left) - 1
        return f"评价已提交，还有 {waits} 名联名代表没有评价。" if waits > 0 else "评价已提交。"

    return act_page(
        request,
        pk,
        act="rate",
        said=said,
        template="proposals/rate.html",
        heading=f"评价{desk.round}办理情况" if desk.round and desk.round.number > 1 else "评价办理情况",
        submit_label="提交评价",
        intro="请先看答复，再分别评价办理态度和办理结果。",
        tiles=["attitude", "result", "communication", "adoption"],
        replies=replies_to_rate(proposal, desk.replies),
        draft_key=f"rate-{request.user.pk}-{pk}",
    )


@login_required
@GET_OR_POST
def close_unrated(request: HttpRequest, pk: int) -> HttpResponse:
    """按未评价办结, once the date has passed."""

    def said(row: Proposal) -> str:
        return f"已办结：{row.display_no}按已有的评价或者未评价办结。"

    words: dict[str, Any] = {
        "heading": "按未评价办结",
        "submit_label": "按未评价办结",
        "intro": "代表超过评价期限没有评价的，可以办结：不计入满意率。已有联名代表评价的，以已有的评价为准。",
        "confirm": "按未评价办结后，代表不能再评价。确认办结？",
    }
    return act_page(
        request,
        pk,
        act="close-unrated",
        said=said,
        **words,
    )
