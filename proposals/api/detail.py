"""One proposal as the API tells it: what its page shows to the same viewer, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers

from proposals.abilities import abilities
from proposals.acts import act_of
from proposals.api.sent import described
from proposals.models import Proposal
from proposals.views.reading import case_data

if TYPE_CHECKING:
    from accounts.models import User

ACT_PAGE = "api:proposal-{}"


class Line(serializers.Serializer):
    at = serializers.DateTimeField(help_text="时间")
    sentence = serializers.CharField(help_text="记载")


class ProposalDetail(serializers.Serializer):
    """What the description of the API says of a proposal."""

    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="版本：办理时原样送回")
    number = serializers.CharField(help_text="编号；立案之前为收件号")
    title = serializers.CharField(help_text="标题")
    form = serializers.CharField(help_text="suggestion 建议、bill 议案")
    status = serializers.CharField(help_text="draft 草稿、open 办理中、closed 已办结")
    step = serializers.CharField(help_text="现在的步骤；办结的为空")
    light = serializers.CharField(help_text="green、yellow、red、grey")
    light_words = serializers.CharField(help_text="灯的说明")
    waits_for = serializers.CharField(help_text="在等谁办什么")
    url = serializers.CharField(help_text="页面地址")
    facts = serializers.ListField(child=serializers.DictField(), help_text="领衔代表、代表团、类别等")
    sections = serializers.ListField(child=serializers.DictField(), help_text="正文各部分")
    files = serializers.ListField(child=serializers.DictField(), help_text="附件")
    assignments = serializers.ListField(child=serializers.DictField(), help_text="本轮的承办单位及其办理情况")
    feedbacks = serializers.ListField(child=serializers.DictField(), help_text="本轮的评价")
    commitments = serializers.ListField(child=serializers.DictField(), help_text="承诺事项")
    history = Line(many=True, help_text="办理经过，新的在前")
    abilities = serializers.ListField(
        child=serializers.DictField(),
        help_text="您现在能办什么：code、label、allowed、reason（不能办的原因）、method、url、fields（要填的字段）",
    )


def detail(user: User, pk: int) -> dict[str, Any]:
    """Return one proposal with what the user may do now. A fixed number of queries for each state it may be in.

    Raises Proposal.DoesNotExist when the user may not see it.
    """
    page, shown, _ = case_data(user, pk)
    row, brief = page.proposal, shown["proposal"]
    return {
        "id": row.pk,
        "version": row.version,
        "number": brief["number"],
        "title": brief["title"],
        "form": row.form,
        "status": row.status,
        "step": row.step.label if row.step else "",
        "light": brief["light"],
        "light_words": brief["light_words"],
        "waits_for": brief["owner_label"],
        "url": brief["url"],
        "facts": [{"label": one["label"], "value": one["value"] or ""} for one in shown["facts"]],
        "sections": shown["sections"],
        "files": shown["attachments"],
        "assignments": [_assignment(one) for one in shown["assignments"]],
        "feedbacks": [_feedback(one) for one in shown["feedbacks"]],
        "commitments": [_commitment(one) for one in shown["commitments"]],
        "history": [{"at": line["at"], "sentence": line["sentence"]} for line in shown["events"]],
        "abilities": _abilities(user, row),
    }


def _abilities(user: User, proposal: Proposal) -> list[dict[str, Any]]:
    """Return the acts that the buttons offer, each with its address and, where it is open, the fields of its form."""
    found = []
    for ability in abilities(user, proposal, timezone.localdate()).values():
        form = act_of(ability.code, user, proposal).make_form(user, proposal) if ability.allowed else None
        found.append(
            {
                "code": ability.code,
                "label": ability.label,
                "allowed": ability.allowed,
                "reason": ability.reason,
                "method": "POST",
                "url": reverse(ACT_PAGE.format(ability.code), args=[proposal.pk]),
                "fields": described(form) if form else [],
            }
        )
    return found


def _assignment(card: dict[str, Any]) -> dict[str, Any]:
    plain = (
        "unit", "role_label", "ended", "via_office", "assigned_on", "due_on", "acknowledged_at", "state", "light",
        "light_words", "contacts", "opinions", "files",
    )  # fmt: skip
    return {name: card[name] for name in plain} | {
        "replies": [
            {
                "id": one["row"].pk,
                "document_no": one["row"].document_no,
                "replied_on": one["row"].replied_on,
                "outcome": str(one["row"].outcome or ""),
                "disclosure": one["row"].disclosure,
                "body": one["body"],
            }
            for one in card["replies"]
        ],
        "in_person": [
            {name: one[name] for name in ("held_on", "place", "deputies", "minutes", "is_signed")}
            for one in card["in_person"]
        ],
    }


def _feedback(row: Any) -> dict[str, Any]:
    return {
        "deputy": row.seat.person.name,
        "attitude": row.attitude,
        "result": row.result,
        "opinion": row.opinion,
        "given_at": row.given_at,
    }


def _commitment(card: dict[str, Any]) -> dict[str, Any]:
    plain = (
        "id", "unit", "matter", "responsible", "made_on", "due_on", "state", "settled_on", "rating", "light_words", "files",
        "steps",
    )  # fmt: skip
    return {name: card[name] for name in plain}
