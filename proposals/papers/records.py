"""What the papers say, from the records."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Model, QuerySet

from accounts.models import Role
from bodies.models import Level
from proposals.models import (
    CosignerReply,
    ExtensionRequest,
    InPersonReply,
    OutcomeCategory,
    Period,
    Proposal,
    Reply,
    ReplyDisclosure,
    ReturnRequest,
)
from proposals.papers.forms import FEEDBACK_FORM, About
from proposals.papers.letter import LetterFacts
from proposals.papers.wording import commission_of, government_of

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit


def visible_reply(user: User, proposal_id: int, reply_id: int) -> Reply:
    """Return a reply of a proposal that the user may see; to a deputy who did not sign, only what is public in full.

    One query, for a deputy two. Raises Reply.DoesNotExist.
    """
    visible = Proposal.objects.visible_to(user).filter(pk=proposal_id)
    reply = (
        Reply.objects.filter(assignment__round__proposal__in=visible.values("pk"))
        .select_related(
            "unit",
            "outcome",
            "assignment__round__proposal__congress",
            "assignment__round__proposal__session__term",
            "assignment__round__proposal__lead__person",
            "assignment__round__proposal__rules",
        )
        .get(pk=reply_id)
    )
    if reply.disclosure != ReplyDisclosure.FULL and not takes_part(user, reply.assignment.round.proposal):
        raise Reply.DoesNotExist
    return reply


def takes_part(user: User, proposal: Proposal) -> bool:
    """Say whether somebody who sees a proposal also takes part in it: of the deputies those who signed."""
    if not user.has_role(Role.DEPUTY) or proposal.lead.person.user_id == user.pk:
        return True
    return proposal.cosignatures.signed().filter(seat__person__user=user).exists()


def visible_record(user: User, proposal_id: int, record_id: int) -> InPersonReply:
    """Return the record of a reply given face to face, for those who take part. Raises InPersonReply.DoesNotExist."""
    record = _of_visible(InPersonReply, user, proposal_id).get(pk=record_id)
    if not takes_part(user, record.assignment.round.proposal):
        raise InPersonReply.DoesNotExist
    return record


def visible_request(
    model: type[ReturnRequest | ExtensionRequest], user: User, proposal_id: int, request_id: int
) -> ReturnRequest | ExtensionRequest:
    """Return a unit's request, for the unit itself and for those who decide. Raises the model's DoesNotExist."""
    if not user.has_role(Role.STAFF, Role.LEADER, Role.GOV_OFFICE, Role.UNIT):
        raise model.DoesNotExist
    rows = _of_visible(model, user, proposal_id)
    return (rows.filter(assignment__unit_id=user.hat.unit_id) if user.hat.unit_id else rows).get(pk=request_id)


def _of_visible(model: type[Model], user: User, proposal_id: int) -> QuerySet:
    visible = Proposal.objects.visible_to(user).filter(pk=proposal_id)
    return model.objects.filter(assignment__round__proposal__in=visible.values("pk")).select_related(
        "assignment__unit", "assignment__round__proposal__congress", "assignment__round__proposal__lead__person"
    )


def about_of(proposal: Proposal, unit: Unit) -> About:
    """Return the head of the small papers. One query for the co-signers."""
    names = proposal.cosignatures.signed().order_by("pk").values_list("seat__person__name", flat=True)
    paper = f"另有纸质附议 {proposal.paper_cosigners} 人" if proposal.paper_cosigners else ""
    return About(
        number=proposal.display_no,
        title=proposal.title,
        lead=proposal.lead.person.name,
        cosigners="，".join(filter(None, ["、".join(names), paper])),
        unit=unit.name,
        kind=proposal.get_form_display(),
    )


def facts_for(
    proposal: Proposal,
    *,
    unit: Unit,
    body: str,
    document_no: str = "",
    replied_on: dt.date | None = None,
    outcome: OutcomeCategory | None = None,
    disclosure: str = "",
    signed_by: str = "",
    contact_name: str = "",
    contact_phone: str = "",
) -> LetterFacts:
    """Return what the letter of a reply says, also of one that is not yet handed in. One query for the co-signers.

    By the rules of the term all who signed are addressed, or the lead deputy for all of them.
    """
    cosigners = list(proposal.cosignatures.signed().order_by("pk").values_list("seat__person__name", flat=True))
    signers = 1 + len(cosigners) + proposal.paper_cosigners
    to_lead = proposal.rules is not None and proposal.rules.cosigner_reply == CosignerReply.LEAD
    is_township = proposal.congress.level == Level.TOWNSHIP
    place = proposal.congress.name
    return LetterFacts(
        unit=unit.name,
        congress=place,
        term=proposal.session.term.name,
        session=proposal.session.name,
        title=proposal.title,
        addressees=(proposal.lead.person.name, *(() if to_lead else cosigners)),
        body=body,
        signers=signers,
        kind=proposal.get_form_display(),
        number=proposal.number,
        is_recess=proposal.period == Period.IN_RECESS,
        document_no=document_no,
        replied_on=replied_on,
        outcome=outcome.code if outcome else "",
        disclosure=ReplyDisclosure(disclosure).label if disclosure in ReplyDisclosure.values else "",
        signed_by=signed_by,
        contact_name=contact_name,
        contact_phone=contact_phone,
        attachments=(FEEDBACK_FORM,),
        copies_to=(
            commission_of(place, is_township=is_township),
            government_of(place, is_township=is_township),
        ),
    )


def facts_of(reply: Reply) -> LetterFacts:
    """Return what the letter of a reply from ``visible_reply`` says. One query."""
    return facts_for(
        reply.assignment.round.proposal,
        unit=reply.unit,
        body=reply.body,
        document_no=reply.document_no,
        replied_on=reply.replied_on,
        outcome=reply.outcome,
        disclosure=reply.disclosure,
        signed_by=reply.signed_by,
        contact_name=reply.contact_name,
        contact_phone=reply.contact_phone,
    )
