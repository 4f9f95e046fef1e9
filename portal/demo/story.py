"""Who takes part in the made-up year, and one proposal's story while it is lived."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from accounts.models import User
from bodies.models import Unit
from deputies.models import Seat
from portal.demo.people import Roster
from portal.demo.plan import Act, Plan
from portal.demo.texts import Paper
from portal.demo.units import UnitRow
from proposals.models import Category, OutcomeCategory


@dataclass
class Cast:
    """Everybody and everything that takes part."""

    roster: Roster
    staff: list[User]
    office: User
    units: dict[str, tuple[Unit, UnitRow, User]]
    categories: dict[str, Category]
    outcomes: dict[str, OutcomeCategory]


@dataclass
class Story:
    """One plan with who and what it is about, and how far it has come."""

    plan: Plan
    paper: Paper
    lead: Seat
    units: list[str]
    cosigners: list[Seat]
    refusal: tuple[str, str] | None = None
    joins: Story | None = None
    is_plain: bool = False
    proposal_id: int = 0
    round: int = 0
    has_promised: bool = False
    acts: list[Act] = field(default_factory=list)
    moments: list[dt.datetime] = field(default_factory=list)
    latest: dt.datetime | None = None

    @property
    def assisting(self) -> list[str]:
        """The units that assist, by alias."""
        return self.units[2 if self.plan.is_separate else 1 :]
