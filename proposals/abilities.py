"""What may this person do now: one answer that draws the buttons and refuses the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from accounts.models import Role
from casework.models import Stage
from proposals.models import Assignment, Contact, HandlingRound, Reply
from proposals.rules import Ability, Facts, Task, abilities_of

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import Proposal


def abilities(user: User, proposal: Proposal) -> dict[str, Ability]:
    """Return the acts open to the user on a proposal that he may see, by code. At most one query beyond the hat's."""
    hat = user.hat
    if hat is None:
        return {}
    step = proposal.step
    return abilities_of(
        Facts(
            status=proposal.status,
            stage=step.stage if step else "",
            actor_role=step.actor_role if step else "",
            hat_role=hat.role,
            is_own_congress=hat.congress_id == proposal.congress_id,
            is_lead=hat.role == Role.DEPUTY and proposal.lead.person.user_id == user.pk,
            task=_task(hat.unit_id, proposal) if hat.unit_id and step and step.stage == Stage.REPLY else None,
        )
    )


def _task(unit_id: int, proposal: Proposal) -> Task | None:
    latest = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    assignment = (
        Assignment.objects.filter(~Exists(latest), round__proposal_id=proposal.pk, unit_id=unit_id)
        .annotate(
            has_contact=Exists(Contact.objects.filter(assignment=OuterRef("pk"))),
            has_reply=Exists(Reply.objects.filter(assignment=OuterRef("pk"))),
        )
        .first()
    )
    if assignment is None:
        return None
    return Task(
        assignment_id=assignment.pk,
        role=assignment.role,
        is_acknowledged=assignment.acknowledged_at is not None,
        has_contact=assignment.has_contact,
        has_reply=assignment.has_reply,
    )
