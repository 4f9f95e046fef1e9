"""Drafting and submitting, by the lead deputy."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from bodies.services import next_number, session_on
from casework import services as casework
from casework.models import CaseStatus
from casework.services import UnableToAct
from deputies.models import Seat
from proposals.models import KIND, Period, Proposal
from proposals.rules import missing_parts
from proposals.services.common import NOT_IN_OFFICE, check_in_office, take
from proposals.services.ledger import record_duties
from proposals.services.setup import arrangement_of
from proposals.services.signing import close_signing
from proposals.services.stepping import move_on

if TYPE_CHECKING:
    from accounts.models import User

DRAFT_FIELDS = (
    "title", "form", "category", "disclosure", "suggested_unit", "body", "grounds", "plan", "formed_by", "wants_contact",
)  # fmt: skip


def seat_of(*, user: User, today: dt.date) -> Seat:
    """Return the seat under which the user proposes today.

    Raises UnableToAct when the user holds none in the congress of the hat.
    """
    hat = user.hat
    seat = None
    if hat is not None and hat.role == Role.DEPUTY:
        seat = (
            Seat.objects.in_office_on(today)
            .filter(person__user=user, term__congress_id=hat.congress_id, status="in_office")
            .select_related("term__congress", "person")
            .first()
        )
    if seat is None:
        raise UnableToAct(NOT_IN_OFFICE)
    return seat


@transaction.atomic
def create_draft(*, user: User, request_key: uuid.UUID, now: dt.datetime, **fields: Any) -> Proposal:
    """Keep a new draft. The same ``request_key`` again (a double click, a retry) returns the draft made first.

    ``fields`` are those of DRAFT_FIELDS. Raises UnableToAct when the user is no deputy in office.
    """
    today = timezone.localdate(now)
    seat = seat_of(user=user, today=today)
    # The deputy's own row is the lock: two clicks at once come one after the other.
    Seat.objects.select_for_update(of=("self",), no_key=True).get(pk=seat.pk)
    known = Proposal.objects.filter(request_key=request_key).first()
    if known is not None and known.lead_id == seat.pk:
        return known
    if known is not None:
        # Somebody else's key: not an address to act on, merely taken.
        request_key = uuid.uuid4()
    arrangement = arrangement_of(seat.term)
    procedure = arrangement.procedure
    proposal = Proposal.objects.create(
        kind=KIND,
        congress=seat.term.congress,
        procedure=procedure,
        rules=arrangement.rules,
        step=procedure.steps.earliest("position"),
        status=CaseStatus.DRAFT,
        request_key=request_key,
        created_at=now,
        created_by=user,
        lead=seat,
        session=session_on(term=seat.term, day=today),
        **{name: value for name, value in fields.items() if name in DRAFT_FIELDS},
    )
    casework.enter_first_step(case=proposal, now=now)
    return proposal


@transaction.atomic
def update_draft(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, **fields: Any
) -> Proposal:
    """Change a draft, or a proposal returned for revision. Raises as ``take`` does."""
    _, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="edit", now=now)
    changed = {
        name: value for name, value in fields.items() if name in DRAFT_FIELDS and getattr(proposal, name) != value
    }
    if not changed:
        # The other half of a double click: nobody's page is behind it.
        return proposal
    for name, value in changed.items():
        setattr(proposal, name, value)
    # A second window that shows the older text must not write over this one.
    proposal.version += 1
    proposal.save()
    return proposal


@transaction.atomic
def submit(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, self_checked: bool = False
) -> Proposal:
    """Hand the proposal in: it takes a receipt number once, and staff owe its review (代表法 36).

    ``self_checked`` says that the deputy has confirmed that it is none of what is not a suggestion; pages demand it.
    Signatures of the text as it stands count, everything else that was asked lapses. Raises as ``take`` does, and
    UnableToAct when text is missing, a bill has too few signers (组织法 22), or the deputy has left office before ever
    handing it in; what was handed in once may be revised by whoever did.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="submit", now=now)
    if proposal.submitted_on is None:
        check_in_office(proposal, timezone.localdate(now))
    texts = {name: getattr(proposal, name) for name in ("body", "grounds", "plan")}
    if missing := missing_parts(proposal.form, texts):
        raise UnableToAct("".join(missing.values()))
    close_signing(case=case, proposal=proposal, user=user, now=now)
    today = timezone.localdate(now)
    is_first = proposal.submitted_on is None
    if is_first:
        proposal.session = session_on(term=proposal.lead.term, day=today)
        proposal.receipt_no = next_number(session=proposal.session, kind="receipt")
        proposal.submitted_on = today
        starts, ends = proposal.session.starts_on, proposal.session.ends_on
        in_session = starts is not None and starts <= today and (ends is None or today <= ends)
        proposal.period = Period.IN_SESSION if in_session else Period.IN_RECESS
        Proposal.objects.filter(pk=proposal.pk).update(
            session=proposal.session,
            receipt_no=proposal.receipt_no,
            submitted_on=today,
            period=proposal.period,
            label=proposal.display_no,
        )
        case.label = proposal.display_no
    Proposal.objects.filter(pk=proposal.pk).update(self_checked_at=now if self_checked else None)
    outcome = casework.outcome_of(case=case, code="pass")
    done = f"提交本件，收件号{proposal.receipt_no}" if is_first else "修改后再次提交本件"
    if self_checked:
        done += "，提交前已逐项自检"
    casework.log(
        case=case,
        actor=user,
        verb="submit",
        sentence=f"{casework.actor_label(user)}{done}",
        # The text as it was handed in stays, whatever a revision makes of it.
        data={"title": proposal.title, **texts},
        now=now,
    )
    from_label = f"{proposal.lead.person.name}代表"
    move_on(case=case, proposal=proposal, outcome=outcome, user=user, from_label=from_label, now=now)
    proposal.refresh_from_db()
    record_duties(congress=proposal.congress, proposals=[proposal], user=user, now=now)
    return proposal
