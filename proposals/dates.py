"""What follows when the calendar moves a due date: the dates that assignments carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from proposals.models import Assignment, AssignmentRole

if TYPE_CHECKING:
    from casework.models import Obligation


def follow_dates(obligations: Sequence[Obligation]) -> None:
    """Set the reply date of assignments to that of the unit's open reply, which the calendar has moved.

    Assisting units carry the lead unit's date. Dates that were extended or set by hand have no rule and are not among
    the obligations. Two queries.
    """
    replies = {(row.case_id, row.owner_unit_id): row.due_on for row in obligations if row.act == "reply"}
    if not replies:
        return
    parts = list(
        Assignment.objects.in_force()
        .filter(round__proposal_id__in={case_id for case_id, _ in replies})
        .select_related("round")
        .order_by("round__number", "pk")
    )
    # The last round is the one that is being answered; the dates of earlier ones are history.
    current = {part.round.proposal_id: part.round_id for part in parts}
    parts = [part for part in parts if part.round_id == current[part.round.proposal_id]]
    of_lead = {
        part.round_id: replies.get((part.round.proposal_id, part.unit_id))
        for part in parts
        if part.role == AssignmentRole.LEAD
    }
    changed = []
    for part in parts:
        key = (part.round.proposal_id, part.unit_id)
        due_on = of_lead.get(part.round_id) if part.role == AssignmentRole.ASSIST else replies.get(key)
        if due_on is not None:
            part.due_on = due_on
            changed.append(part)
    Assignment.objects.bulk_update(changed, ["due_on"])
