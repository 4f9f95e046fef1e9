"""What a proposal says about its deputies in the duty ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from duties import services as duties
from duties.models import Source
from duties.presets import COSIGNED, LED
from proposals.models import Cosignature, Proposal

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress


def record_duties(*, congress: Congress, proposals: Sequence[Proposal], user: User | None, now: dt.datetime) -> None:
    """Write the lines of those who led and co-signed submitted proposals, or correct them.

    A fixed number of queries. The proposals have their ``lead`` at hand.
    """
    signed = defaultdict(list)
    for row in Cosignature.objects.signed().filter(proposal__in=proposals).select_related("seat").order_by("pk"):
        signed[row.proposal_id].append(row.seat)

    def lines(proposal: Proposal) -> list[duties.DutyLine]:
        led = duties.DutyLine(proposal.lead, proposal.submitted_on, LED, proposal.title, suggestions=1)
        return [
            led,
            *(
                duties.DutyLine(seat, proposal.submitted_on, COSIGNED, proposal.title)
                for seat in signed[proposal.pk]
                if seat.pk != proposal.lead_id
            ),
        ]

    duties.follow(
        congress=congress,
        source=Source.PROPOSAL,
        lines={proposal.pk: lines(proposal) for proposal in proposals},
        user=user,
        now=now,
    )
