"""A person's proposals on the person's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from proposals import presenters, queries
from proposals.models import Cosignature, Proposal

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import User
    from deputies.models import Person

SHOWN = 20


def proposals_of(person: Person, user: User) -> dict[str, Any]:
    """Return the latest proposals that the person led or co-signed, as far as the user may see them. One query."""
    signed = Cosignature.objects.signed().filter(seat__person=person).values("proposal")
    rows = queries.list_rows(user).filter(Q(lead__person=person) | Q(pk__in=signed), submitted_on__isnull=False)
    today = timezone.localdate()
    found = [
        presenters.list_row(row, today) | {"role_label": "领衔" if row.lead.person_id == person.pk else "附议"}
        for row in rows[:SHOWN]
    ]
    more = f"{reverse('proposals:list')}?{urlencode({'q': person.name})}" if len(found) == SHOWN else ""
    return {"proposals": found, "proposals_url": more}


def addresses_of(user: User, keys: Collection[int]) -> dict[int, str]:
    """Return the pages of those of the proposals that the user may see. One query."""
    visible = Proposal.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    return {pk: reverse("proposals:case", args=[pk]) for pk in visible}
