"""Judging the handling."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from proposals import forms, services
from proposals.views.acting import GET_OR_POST, act_page


@login_required
@GET_OR_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """评价, on two dimensions."""
    return act_page(
        request,
        pk,
        act="rate",
        make_form=forms.RateForm,
        service=services.rate,
        said="评价已提交。",
        heading="评价办理情况",
        submit_label="提交评价",
        intro="请分别评价办理态度和办理结果。",
        tiles=["attitude", "result"],
        draft_key=f"rate-{request.user.pk}-{pk}",
    )
