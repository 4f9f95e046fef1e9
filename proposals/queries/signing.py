"""Who can be asked to sign."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from deputies.models import GroupMember, Seat, SeatStatus

if TYPE_CHECKING:
    from proposals.models import Proposal


def colleagues(proposal: Proposal, today: dt.date) -> list[Seat]:
    """Return the deputies in office of the lead deputy's term but himself, by delegation, with groups. Two queries."""
    groups = Prefetch("group_memberships", GroupMember.objects.select_related("group"))
    return list(
        Seat.objects.in_office_on(today)
        .filter(term=proposal.lead.term_id, status=SeatStatus.IN_OFFICE)
        .exclude(pk=proposal.lead_id)
        .select_related("person__user", "delegation")
        .prefetch_related(groups)
    )
