"""Cases and obligations with the dates that a test wants."""

import datetime as dt

from casework.models import Obligation, Procedure
from proposals.models import KIND, Assignment, HandlingRound, Proposal
from tests.factories import at
from tests.world import World

TODAY = dt.date(2026, 3, 10)
NOW = at(2026, 3, 10)


def day(offset: int) -> dt.date:
    """The day so many days after TODAY."""
    return TODAY + dt.timedelta(days=offset)


def case(world: World, number: int = 1, **fields: object) -> Proposal:
    """A registered suggestion that waits for its reply."""
    procedure = Procedure.objects.get(code="standard5", is_active=True)
    given = {
        "kind": KIND,
        "congress": world.congress,
        "title": f"关于第{number}件事的建议",
        "label": f"第{number}号",
        "procedure": procedure,
        "step": procedure.steps.get(code="reply"),
        "status": "open",
        "created_at": at(2026, 1, 20),
        "session": world.session,
        "lead": world.seat,
        "number": number,
        "submitted_on": dt.date(2026, 1, 20),
        "review_result": "registered",
    }
    return Proposal.objects.create(**(given | fields))


def assign(world: World, of: Proposal) -> None:
    """Makes the education office handle the suggestion, as far as visibility goes."""
    turn = HandlingRound.objects.create(proposal=of, number=1, opened_at=NOW)
    Assignment.objects.create(round=turn, unit=world.education, role="lead", assigned_on=TODAY)


def owe(world: World, due: int | None, of: Proposal | None = None, **fields: object) -> Obligation:
    """A reply that the education office owes, due so many days after TODAY."""
    due_on = None if due is None else day(due)
    given = {
        "case": of or case(world),
        "owner_congress": world.congress,
        "act": "reply",
        "verb": "答复",
        "owner_role": "unit",
        "owner_unit": world.education,
        "owner_label": "县教育局",
        "from_label": "代表工委",
        "opened_at": at(2026, 1, 21),
        "start_on": dt.date(2026, 1, 21),
        "due_on": due_on,
    }
    return Obligation.objects.create(**(given | fields))
