"""The list of proposals, a new draft, and one proposal."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.rest.errors import Refused
from accounts.rest.once import key_of, once
from accounts.rest.views import Acting, ApiView, Known, Pages
from casework.services import UnableToAct
from proposals import presenters, queries, services
from proposals.acts import CHECKED
from proposals.api.detail import ProposalDetail, detail
from proposals.api.sent import bind, checked, serializer_of
from proposals.forms import DraftForm
from proposals.models import Proposal
from proposals.services.submitting import seat_of
from proposals.views.listing import listing_of

if TYPE_CHECKING:
    from rest_framework.request import Request

# Under which a client's keys become keys of drafts.
KEYS = uuid.UUID("6f0e7b0e-6b8e-4b0e-9a6d-2f1f5a3c9d11")
FILTERS = {
    "view": "视图：all 全部、todo 我的待办、waiting 我等待的、open 在办、closed 已办、overdue 逾期、draft 草稿、invited 邀我联名",
    "q": "查找：编号、标题、代表、单位",
    "unit": "承办单位的 id",
    "category": "类别的 id",
    "delegation": "代表团的 id",
    "session": "会次的 id",
    "step": "现在的步骤，写步骤名称",
    "light": "灯：green、yellow、red、none",
    "year": "提出年份",
    "form": "suggestion 建议、bill 议案",
    "period": "in_session 大会期间、in_recess 闭会期间",
    "key": "1 为重点督办",
    "sort": "number、submitted_on、due_on，前面加 - 为倒序",
}


class ProposalRow(serializers.Serializer):
    """A line of the list."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="编号；立案之前为收件号")
    title = serializers.CharField(help_text="标题")
    form = serializers.CharField(help_text="suggestion 建议、bill 议案")
    status = serializers.CharField(help_text="draft 草稿、open 办理中、closed 已办结")
    step = serializers.CharField(help_text="现在的步骤")
    lead = serializers.CharField(help_text="领衔代表")
    delegation = serializers.CharField(help_text="代表团")
    category = serializers.CharField(help_text="类别")
    units = serializers.CharField(help_text="答复的单位")
    assisting = serializers.IntegerField(help_text="协办单位有几家")
    submitted_on = serializers.DateField(help_text="提出日期")
    due_on = serializers.DateField(help_text="期限")
    light = serializers.CharField(help_text="green、yellow、red、grey")
    light_words = serializers.CharField(help_text="灯的说明")
    rating = serializers.CharField(help_text="对办理结果的评价")
    version = serializers.IntegerField(help_text="版本")


def _row(row: Proposal, shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": shown["number"],
        "title": shown["title"],
        "form": row.form,
        "status": row.status,
        "step": shown["stage_label"],
        "lead": shown["lead"],
        "delegation": shown["delegation"],
        "category": shown["category"],
        "units": shown["unit"] or "",
        "assisting": shown["assisting_count"],
        "submitted_on": shown["submitted_on"],
        "due_on": shown["due_on"],
        "light": shown["light"],
        "light_words": shown["light_words"],
        "rating": shown["rating_label"],
        "version": row.version,
    }


class ProposalsView(ApiView):
    """The proposals that the user may see; and a deputy's new draft."""

    permission_classes = [Known, Acting]
    pagination_class = Pages
    serializer_class = ProposalRow

    @extend_schema(
        operation_id="proposals_list",
        summary="建议议案列表",
        description="与「建议议案」页面相同的视图、筛选和查找。",
        parameters=[
            *(OpenApiParameter(name, str, description=words) for name, words in FILTERS.items()),
            OpenApiParameter("page", int, description=Pages.page_query_description),
            OpenApiParameter("page_size", int, description=Pages.page_size_query_description),
        ],
        responses=ProposalRow(many=True),
    )
    def get(self, request: Request) -> Response:
        """Return a page of the list."""
        today, pages = timezone.localdate(), Pages()
        listing = listing_of(request._request, today, user=request.user)  # noqa: SLF001 - the address alone
        keys = pages.paginate_queryset(listing.rows.values_list("pk", flat=True), request, view=self)
        rows = queries.list_rows(request.user).in_bulk(keys)
        found = [rows[key] for key in keys if key in rows]
        return pages.get_paginated_response([_row(row, presenters.list_row(row, today)) for row in found])

    @extend_schema(
        operation_id="proposals_create",
        summary="起草建议议案",
        description="只有在任代表可以起草。带 Idempotency-Key 或者 request_key 的，重发不会起草两件。",
        request=serializer_of("DraftEntry", DraftForm, is_versioned=False, without=CHECKED),
        responses={201: ProposalDetail},
    )
    @once
    def post(self, request: Request) -> Response:
        """Keep a new draft. Raises Refused (409) for whoever is no deputy in office, Wrong (422) by field."""
        user, now = request.user, timezone.now()
        try:
            seat = seat_of(user=user, today=timezone.localdate(now))
            form = DraftForm(congress=seat.term.congress)
            for name in CHECKED:
                del form.fields[name]
            bind(form, _with_defaults(form, request.data), version=None)
            checked(form)
            draft = services.create_draft(
                user=user, request_key=_request_key(request, form), now=now, **form.fields_of_draft()
            )
        except UnableToAct as error:
            raise Refused(str(error)) from error
        return Response(detail(user, draft.pk), 201 if draft.created_at == now else 200)


def _with_defaults(form: DraftForm, payload: Any) -> Any:
    """Return what was sent with what the empty page offers."""
    if not isinstance(payload, dict):
        return payload
    return {name: form.fields[name].initial for name in ("form", "disclosure")} | payload


def _request_key(request: Request, form: DraftForm) -> uuid.UUID:
    """Return the key under which the draft is made once: the one that was sent, or made of the header."""
    if key := form.cleaned_data["request_key"]:
        return key
    header = key_of(request)
    return uuid.uuid5(KEYS, f"{request.user.pk} {header}") if header else uuid.uuid4()


class ProposalView(ApiView):
    """One proposal."""

    permission_classes = [Known, Acting]

    @extend_schema(
        operation_id="proposals_retrieve",
        summary="一件建议议案",
        description="与办件页面相同的内容。abilities 列出您现在能办什么、提交到哪里、要填什么；ETag 就是版本。",
        responses=ProposalDetail,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return it with what the user may do now."""
        return shown(request, pk)


def shown(request: Request, pk: int) -> Response:
    """Return one proposal. Raises Http404 when the user may not see it."""
    try:
        told = detail(request.user, pk)
    except Proposal.DoesNotExist as error:
        raise Http404 from error
    return Response(told, headers={"ETag": f'"{told["version"]}"'})
