"""Proposals written straight into the tables, quicker than through the steps."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from casework.models import CaseStatus, Procedure
from proposals.models import KIND, Proposal, ReviewResult
from proposals.services import importing
from tests.factories import at
from tests.world import World


def write_proposals(world: World, rows: Iterable[dict[str, Any]], *, step: str = "review") -> list[Proposal]:
    """Write an open, submitted proposal for each row of values; ``title`` is needed, the rest has defaults."""
    procedure = Procedure.objects.get(code="standard5", is_active=True)
    values = {
        "kind": KIND,
        "congress": world.congress,
        "procedure": procedure,
        "step": procedure.steps.get(code=step),
        "status": CaseStatus.OPEN,
        "created_at": at(2026, 3, 1),
        "session": world.session,
        "submitted_on": dt.date(2026, 3, 1),
        "lead": world.seat,
        "review_result": ReviewResult.REGISTERED,
    }
    made = [Proposal(**(values | row)) for row in rows]
    importing._insert(made)
    return made
