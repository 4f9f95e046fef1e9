"""Overseen items put to the vote on the spot (集中评议重点建议): a rating round of which they are the subjects."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from accounts.models import Role
from casework.services import UnableToAct
from proposals.models import Disclosure, Oversight, Proposal
from proposals.queries.list import list_rows
from ratings import services as ratings
from ratings.services import NewSubject

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import ProposalQuerySet
    from ratings.models import RatingRound

SOURCE = "proposals"
NAME_LENGTH = 200
NOTE_LENGTH = 300


def object_key(proposal_id: int) -> str:
    """Return under what a rating round knows a proposal."""
    return f"proposal:{proposal_id}"


def items_to_rate(user: User) -> ProposalQuerySet:
    """Return what the user's congress can put to the vote: its key items and those under oversight, newest first."""
    overseen = Oversight.objects.in_force().values("proposal")
    rows = list_rows(user).filter(Q(is_key=True) | Q(pk__in=overseen), congress=user.hat.congress_id)
    return rows.exclude(review_result="not_registered")


@transaction.atomic
def begin_rating(
    *,
    user: User,
    now: dt.datetime,
    title: str,
    held_on: dt.date,
    items: Collection[int],
    is_secret: bool,
    request_key: uuid.UUID,
) -> RatingRound:
    """Prepare a round that rates overseen items on the spot; voters are chosen and it is opened with the round itself.

    Called again with the same key it is the round made before. Raises UnableToAct for users other than staff, no item
    or one that is neither key nor overseen, and as ``ratings.services.create_round`` does.
    """
    if not user.has_role(Role.STAFF):
        raise UnableToAct("集中评议由代表工委发起。")
    found = {row.pk: row for row in items_to_rate(user).filter(pk__in=items)}
    if not items or set(items) - found.keys():
        raise UnableToAct("请选择要评议的件：重点督办的，或者确定了督办的。")
    chosen = sorted(found.values(), key=lambda row: (row.submitted_on, row.number or 0, row.pk))
    return ratings.create_round(
        user=user,
        now=now,
        title=title,
        held_on=held_on,
        subjects=[_subject(row) for row in chosen],
        purpose="重点建议办理情况集中评议",
        is_secret=is_secret,
        source=SOURCE,
        request_key=request_key,
    )


def _subject(row: Proposal) -> NewSubject:
    """Return an item as everybody reads it who votes, guests too, or to whom the result is published.

    So no more of it is told than its disclosure allows: the title with the deputy's name, the title, or the number.
    """
    name = f"{row.display_no}{row.get_form_display()}（不公开）"
    if row.disclosure != Disclosure.NONE:
        name = f"{row.display_no} {row.title}"
    by = f"{row.lead.person.name}代表提出" if row.disclosure == Disclosure.FULL else ""
    note = "，".join(filter(None, [by, f"{row.unit_name}承办" if row.unit_name else ""]))
    return NewSubject(name[:NAME_LENGTH], note[:NOTE_LENGTH], object_key(row.pk))


def addresses(user: User, keys: Collection[int]) -> dict[int, str]:
    """Return the pages of those proposals that the user may open, by key. One query."""
    rows = Proposal.objects.visible_to(user).filter(pk__in=keys).order_by()
    return {row.pk: row.get_absolute_url() for row in rows.only("pk", "kind")}
