"""Writes to the meetings of standing committees."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from bodies.models import Meeting, Term
from workbooks.cleaners import normal_name


@transaction.atomic
def meetings_of(*, names: Mapping[Term, Collection[str]]) -> dict[tuple[int, str], Meeting]:
    """Return the meetings of these names by term key and name in its normal spelling; missing ones are made.

    At most three queries.
    """
    wanted = {(term.pk, normal_name(name)): term for term, found in names.items() for name in found}
    found = _known(names)
    missing = [Meeting(term=term, name=name) for (pk, name), term in wanted.items() if (pk, name) not in found]
    if missing:
        # Two at once may create the same name; whoever comes second takes the first one's.
        Meeting.objects.bulk_create(missing, ignore_conflicts=True)
        found = _known(names)
    return {key: found[key] for key in wanted}


def _known(terms: Collection[Term]) -> dict[tuple[int, str], Meeting]:
    rows = Meeting.objects.filter(term__in=list(terms)).order_by("-pk") if terms else ()
    return {(row.term_id, normal_name(row.name)): row for row in rows}
