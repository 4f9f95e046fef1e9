"""A person's proposals in the report on his data, what of them is not settled, and what of them is no record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from casework.models import Case, CaseStatus
from deputies.personal import Line, Section, day, is_own, readable
from deputies.retention import Rest
from proposals.models import Attachment, Cosignature, Feedback, Proposal
from proposals.services.attaching import delete_files

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from deputies.models import Person

DRAFT = "没有提交的草稿"
EMPTIED = "（草稿已按期删除）"


def sections_of(person: Person, user: User) -> list[Section]:
    """Return what the person led, co-signed, rated and uploaded. Six queries."""
    led = Proposal.objects.filter(lead__person=person)
    mine = Cosignature.objects.filter(seat__person=person)
    signed = Proposal.objects.filter(pk__in=mine.values("proposal")).exclude(lead__person=person)
    seen = Proposal.objects.visible_to(user).values("pk")
    feedbacks = Feedback.objects.filter(seat__person=person)
    files = Attachment.objects.filter(uploaded_by=person.user_id) if person.user_id else Attachment.objects.none()
    if not is_own(person, user):
        files = files.filter(proposal__in=seen)
        feedbacks = feedbacks.filter(round__proposal__in=seen)
    return [
        Section("领衔提出的建议议案", _lines(led, person, user)),
        Section("附议的建议议案", _lines(signed, person, user)),
        Section(
            "对办理的评价和上传的附件",
            [Line("评价", f"{feedbacks.count()} 次"), Line("上传的附件", f"{files.count()} 个")],
        ),
    ]


def _lines(rows: QuerySet, person: Person, user: User) -> list[Line]:
    rows = readable(rows, person, user).order_by("-submitted_on", "-pk")
    openable = set(
        Proposal.objects.visible_to(user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    return [
        Line(
            row.label or (DRAFT if row.status == CaseStatus.DRAFT else "未编号"),
            f"{row.title}（{row.submitted_on:%Y-%m-%d} 提出）"
            if row.submitted_on
            else f"{row.title}（{day(row.created_at)} 起草）",
            reverse("proposals:case", args=[row.pk]) if row.pk in openable else "",
        )
        for row in rows
    ]


def unsettled(person: Person) -> list[str]:
    """Say how many proposals that the person leads are not closed. One query."""
    number = Proposal.objects.filter(lead__person=person, status=CaseStatus.OPEN).count()
    return [f"领衔的建议议案 {number} 件没有办结"] if number else []


def erase(person: Person) -> list[str]:
    """Empty what the person wrote and never handed in, and delete its files: it is nobody's record."""
    drafts = Proposal.objects.filter(lead__person=person, status=CaseStatus.DRAFT)
    keys = list(drafts.exclude(title=EMPTIED).values_list("pk", flat=True))
    if not keys:
        return []
    Proposal.objects.filter(pk__in=keys).update(body="", grounds="", plan="")
    Case.objects.filter(pk__in=keys).update(title=EMPTIED)
    delete_files(Attachment.objects.filter(proposal__in=keys))
    return [f"{DRAFT} {len(keys)} 件"]


REST = Rest(unsettled=unsettled, erase=erase)
