"""The facts from which the abilities follow."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from proposals.models import AssignmentRole


@dataclass(frozen=True)
class Task:
    """The part of one unit in the round in progress.

    ``owes_decision``: the step waits for a decision of this unit. ``return_until``: the last day on which it may ask
    to be relieved, None without a limit. ``waits_for``: the assisting units whose opinion is not in and not overdue.
    ``has_opinions_of_others``: opinions of assisting units stand. ``has_in_person``: it recorded a reply face to face.
    """

    assignment_id: int
    role: str
    is_acknowledged: bool
    has_contact: bool
    has_reply: bool
    due_on: dt.date | None = None
    has_opinion: bool = False
    owes_decision: bool = False
    return_until: dt.date | None = None
    asked_return: bool = False
    asked_extension: bool = False
    waits_for: int = 0
    has_opinions_of_others: bool = False
    has_in_person: bool = False

    @property
    def answers(self) -> bool:
        """Say whether this unit answers the deputy itself: an assisting unit does not."""
        return self.role != AssignmentRole.ASSIST


@dataclass(frozen=True)
class Commitments:
    """What of the commitments on a proposal concerns the user.

    ``owes``: the user's unit has yet to register what it promised, ``own_open``: it has some to keep. ``any``: there
    are commitments, ``pending`` some are neither kept nor given up, ``claimed`` the unit says of some that they are;
    ``unrated``: the lead deputy has yet to judge how some were kept.
    """

    owes: bool = False
    own_open: bool = False
    any: bool = False
    pending: bool = False
    claimed: bool = False
    unrated: bool = False


@dataclass(frozen=True)
class Facts:
    """What decides the abilities of one user on one proposal.

    ``act`` and ``required`` are those of the current step. ``is_township``: the user's township sent the delegation of
    the lead deputy. ``office_waits``: the government office has not split yet what it was given. ``returns_to_decide``
    and ``extensions_to_decide``: requests wait for this user's office, ``parts_to_reassign``: it gave parts that nobody
    answered yet. ``is_rater``: of several who rate each the user is one; ``has_rated``: he did, in the round in progress;
    ``rating_is_overdue``: somebody has not rated in time.
    ``owes_rectification``: an inspection demanded something of the user's unit that it has not answered.
    """

    status: str
    stage: str
    actor_role: str
    hat_role: str
    is_own_congress: bool
    is_lead: bool
    today: dt.date
    act: str = ""
    required: tuple[str, ...] = ()
    form: str = ""
    is_submitted: bool = False
    is_registered: bool = False
    is_key: bool = False
    is_merged: bool = False
    has_township: bool = False
    is_township: bool = False
    office_waits: bool = False
    is_asked_to_sign: bool = False
    has_signed: bool = False
    withdrawal_waits: bool = False
    is_asked_to_consent: bool = False
    returns_to_decide: bool = False
    extensions_to_decide: bool = False
    parts_to_reassign: bool = False
    is_rater: bool = False
    has_rated: bool = False
    rating_is_overdue: bool = False
    is_overseen: bool = False
    awaits_evaluation: bool = False
    owes_rectification: bool = False
    task: Task | None = None
    commitments: Commitments = Commitments()


@dataclass(frozen=True)
class Ability:
    """One act, whether the user may do it now, and if not, why. ``is_minor`` ones are drawn below the others."""

    code: str
    label: str
    reason: str = ""
    is_primary: bool = False
    is_minor: bool = False

    @property
    def allowed(self) -> bool:
        return not self.reason
