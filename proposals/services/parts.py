"""A unit's part in a round: who gave it, how it ends and what ends with it, and how the unit is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Role, User
from casework import registry
from casework import services as casework
from casework.models import ObligationState
from casework.services import Owner, UnableToAct
from notices import services as notices
from proposals.models import Assignment, EndedAs, ExtensionRequest, RequestState, ReturnRequest
from proposals.services.assigning import ANSWERING

if TYPE_CHECKING:
    from bodies.models import Unit
    from casework.models import Case
    from proposals.models import Proposal

REQUESTS = ((ReturnRequest, "decide-return", "return"), (ExtensionRequest, "decide-extension", "extension"))
REASON_LENGTH = 2_000
NOTE_LENGTH = 500
SIGNER_LENGTH = 60


def giver_of(part: Assignment) -> Owner:
    """Return the office that gave a unit its part and so decides on its requests."""
    return casework.role_owner(Role.GOV_OFFICE if part.via_office else Role.STAFF)


def checked_text(text: str, *, missing: str, what: str, longest: int = REASON_LENGTH) -> str:
    """Return what was typed without blanks around it; raises UnableToAct when it is missing or too long."""
    text = text.strip()
    if not text:
        raise UnableToAct(missing)
    if len(text) > longest:
        raise UnableToAct(f"{what}最多 {longest} 字，现有 {len(text)} 字。")
    return text


def checked_new_unit(proposal: Proposal, part: Assignment, unit: Unit) -> None:
    """Raise UnableToAct where a unit cannot take over the part of another one.

    An assisting unit can become the lead one: its assisting ends then. Who answers already cannot take a second part.
    """
    if unit.pk == part.unit_id:
        raise UnableToAct(f"「{unit}」就是现在的承办单位，请选择另一个单位。")
    if unit.congress_id != proposal.congress_id or not unit.is_active:
        raise UnableToAct(f"「{unit}」不是本级可以交办的承办单位。")
    held = part.round.assignments.in_force().filter(unit=unit).first()
    if held is not None and (held.role in ANSWERING or part.role not in ANSWERING):
        raise UnableToAct(f"「{unit}」已经是本件的{held.get_role_display()}单位，请选择另一个单位。")


def tell_unit(*, case: Case, unit: Unit, title: str, body: str, now: dt.datetime, about: str = "") -> None:
    """Tell the users of a unit what was decided, where they owe nothing by it.

    ``about`` tells apart what is said at one version of the case.
    """
    notices.tell(
        rule="inform",
        object_key=about or f"case:{case.pk}:{case.version}",
        due_on=timezone.localdate(now),
        recipients=User.objects.filter(memberships__unit=unit, is_active=True).distinct().order_by("pk"),
        title=title,
        body=body,
        url=case.get_absolute_url(),
        now=now,
    )


def void_requests(*, case: Case, parts: Iterable[Assignment], user: User | None, now: dt.datetime) -> None:
    """Let requests lapse that still wait on parts that are answered or no longer there."""
    parts = [part.pk for part in parts]
    for model, act, word in REQUESTS:
        waiting = model.objects.filter(assignment__in=parts, state=RequestState.WAITING)
        for key in list(waiting.values_list("pk", flat=True)):
            model.objects.filter(pk=key).update(state=RequestState.VOID, decided_at=now, decided_by=user)
            casework.settle(
                case=case, act=act, about=f"{word}:{key}", actor=user, now=now, state=ObligationState.CANCELLED
            )


def end_part(*, case: Case, part: Assignment, ended_as: EndedAs, user: User, now: dt.datetime) -> None:
    """End a unit's part: what it owed on the case is cancelled, what it asked for lapses."""
    Assignment.objects.filter(pk=part.pk).update(ended_at=now, ended_as=ended_as)
    spared = registry.kind(case.kind).outlives
    casework.settle(case=case, unit=part.unit, actor=user, now=now, spared=spared, state=ObligationState.CANCELLED)
    # What was promised stays owed; what was never registered is not.
    casework.settle(case=case, act="commit", unit=part.unit, actor=user, now=now, state=ObligationState.CANCELLED)
    void_requests(case=case, parts=[part], user=user, now=now)
