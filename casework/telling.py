"""Notices about obligations as queries, for ``notices.services.tell_each``: one row for each person who is to be told."""

from __future__ import annotations

from django.db.models import Case as Choice
from django.db.models import CharField, F, Func, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Trim
from django.urls import reverse

from accounts.models import Role
from casework import registry


def by_recipient(obligations: QuerySet) -> list[QuerySet]:
    """Return the obligations once for each active user who is to be told of them, as ``recipient_id``.

    Recipients are those of ``queries.recipients``: the person, the unit's or the role's users, one query each.
    """
    rows = obligations.order_by()
    nobody, no_unit = {"owner_user__isnull": True}, {"owner_unit__isnull": True}
    person = rows.filter(owner_user__is_active=True).annotate(recipient_id=F("owner_user"))
    unit = rows.filter(**nobody, owner_unit__memberships__user__is_active=True).annotate(
        recipient_id=F("owner_unit__memberships__user")
    )
    role = (
        rows.filter(**nobody, **no_unit)
        # A deputy without an account owes in person: the other deputies are not told.
        .exclude(owner_role=Role.DEPUTY)
        .filter(owner_congress__memberships__role=F("owner_role"), owner_congress__memberships__user__is_active=True)
        .annotate(recipient_id=F("owner_congress__memberships__user"))
    )
    return [person, unit, role]


def case_name() -> Trim:
    """Return the name of an obligation's case, as ``str(case)`` writes it."""
    return Trim(Concat("case__label", Value(" "), "case__title"))


def spoken_due() -> Func:
    """Return the due date of an obligation, as ``calendar.spoken`` writes it."""
    return Func(F("due_on"), Value('FMYYYY"年"FMMM"月"FMDD"日"'), function="to_char", output_field=CharField())


def case_url() -> Choice:
    """Return the address of an obligation's case as the database writes it: each kind's own, around the case's id."""
    mark = 987654321
    parts = {kind.code: reverse(kind.url_name, args=[mark]).split(str(mark)) for kind in registry.kinds()}
    return Choice(
        *(
            When(case__kind=code, then=Concat(Value(before), Cast("case_id", CharField()), Value(after)))
            for code, (before, after) in parts.items()
        ),
        default=Value("/"),
    )
