"""What a unit reads before it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Prefetch, Q

from casework.models import Obligation
from proposals.models import (
    Assignment,
    AssignmentRole,
    AssistOpinion,
    Attachment,
    AttachmentKind,
    Contact,
    InPersonReply,
    Proposal,
    Reply,
)

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class ReplyDesk:
    """What lies beside a unit's reply.

    ``assisting`` are the parts of assisting units, each with ``standing`` (its opinion, none or one). ``opinions_owed``
    are what they still owe. ``along`` are the items on the same matter, with ``is_owed`` and ``is_answered`` by this
    unit.
    """

    part: Assignment
    owed: Obligation | None
    contacts: list[Contact]
    in_person: list[InPersonReply]
    files: list[Attachment]
    assisting: list[Assignment]
    opinions_owed: dict[int, Obligation]
    along: list[Proposal]


def reply_desk(user: User, proposal: Proposal, part: Assignment) -> ReplyDesk:
    """Read what the unit of a part looks at while it writes its reply. Eight queries."""
    owed = list(Obligation.objects.open().filter(case=proposal.pk, act__in=["reply", "opinion"]))
    standing = AssistOpinion.objects.filter(sent_back_at__isnull=True)
    assisting = (
        Assignment.objects.in_force()
        .filter(round=part.round_id, role=AssignmentRole.ASSIST)
        .select_related("unit")
        .prefetch_related(Prefetch("opinions", standing, to_attr="standing"))
    )
    return ReplyDesk(
        part=part,
        owed=next((o for o in owed if o.act == "reply" and o.owner_unit_id == part.unit_id), None),
        contacts=list(part.contacts.all()),
        in_person=list(part.in_person_replies.all()),
        files=list(part.attachments.filter(kind=AttachmentKind.REPLY)),
        assisting=list(assisting.order_by("pk")),
        opinions_owed={o.owner_unit_id: o for o in owed if o.act == "opinion"},
        along=_along(user, proposal, part),
    )


def _along(user: User, proposal: Proposal, part: Assignment) -> list[Proposal]:
    main = proposal.merged_into_id or proposal.pk
    owed = Obligation.objects.open().filter(case=OuterRef("pk"), act="reply", owner_unit=part.unit_id)
    answered = Reply.objects.filter(assignment__round__proposal=OuterRef("pk"), unit=part.unit_id)
    rows = Proposal.objects.visible_to(user).filter(Q(pk=main) | Q(merged_into=main)).exclude(pk=proposal.pk)
    rows = rows.annotate(is_owed=Exists(owed), is_answered=Exists(answered))
    return list(rows.select_related("step").order_by("pk"))
