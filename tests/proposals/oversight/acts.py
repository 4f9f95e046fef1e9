"""What the overseers do, with the words that most tests do not care about."""

import datetime as dt
import uuid
from typing import Any

from accounts.models import User
from proposals import services
from proposals.models import Evaluation, Inspection, Oversight, Proposal, Rectification
from tests.factories import at
from tests.world import World

NOW = at(2026, 5, 8)
MEETING = {"meeting": "第二十三次主任会议", "decided_on": dt.date(2026, 3, 4)}


def overseen(world: World, row: Proposal, overseer: User | None = None, **how: Any) -> Oversight:
    given = {"kind": "field", "overseer": overseer, **MEETING} | ({} if overseer else {"body": "教科文卫委员会"}) | how
    return services.set_oversight(proposal_id=row.pk, seen_version=None, user=world.staff, now=NOW, **given)


def inspected(world: World, **how: Any) -> Inspection:
    """An inspection of the education office."""
    given = {
        "user": world.staff,
        "now": NOW,
        "request_key": uuid.uuid4(),
        "unit": world.education,
        "held_on": NOW.date(),
        "inspectors": "督办专班组长陈主任",
        "means": ["read_papers", "saw_site"],
        "findings": "台账齐全，三所学校还没有安装护栏。",
    }
    return services.record_inspection(**(given | how))


def demanded(world: World, inspection: Inspection, row: Proposal, **how: Any) -> Rectification:
    given = {"user": world.staff, "now": NOW, "demand": "六月底前装好护栏。", "within": "1M"}
    return services.demand_rectification(inspection_id=inspection.pk, proposal_id=row.pk, **(given | how))


def evaluated(world: World, row: Proposal, **how: Any) -> Evaluation:
    given = {
        "user": world.staff,
        "now": NOW,
        "why": "代表两次评价为不满意。",
        "evaluators": "教科文卫委员会和三名代表",
        "due_on": dt.date(2026, 6, 30),
        **MEETING,
    }
    return services.open_evaluation(proposal_id=row.pk, seen_version=None, **(given | how))


def closed(world: World, row: Proposal) -> Proposal:
    """The answered item after its deputy was satisfied."""
    services.rate(
        proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 25), attitude="satisfied",
        result="satisfied",
    )  # fmt: skip
    return Proposal.objects.get(pk=row.pk)
