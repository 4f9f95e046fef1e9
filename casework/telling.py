"""Notices about obligations as queries, for ``notices.services``: one row for each person who is to be told."""

from __future__ import annotations

from django.db.models import Case as Choice
from django.db.models import CharField, F, Func, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Trim
from django.urls import reverse

from accounts.models import Role
from casework import registry
from notices.services import Statement, statement_of

FACTS = (
    "notice_rule", "text_rule", "object_key", "due_on", "congress_id", "verb", "matter", "owner_label", "due_words", "url",
)  # fmt: skip


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


LATE = """
SELECT late.notice_rule, late.text_rule, late.object_key, late.due_on, late.congress_id, late.verb, late.matter,
       late.owner_label, late.due_words, late.url, seer.user_id AS recipient_id
FROM ({late}) AS late
"""
# Everybody once, with the units and the offices for which he has hats.
HATS = """
array_agg(hat.unit_id) AS units, array_agg(hat.congress_id || hat.role) FILTER (WHERE hat.role <> %s) AS offices
"""
SEERS = f"""
(
    SELECT named.case_id, named.user_id, {HATS}
    FROM ({{named}}) AS named (case_id, user_id)
    JOIN accounts_user AS person ON person.id = named.user_id AND person.is_active
    LEFT JOIN accounts_membership AS hat ON hat.user_id = named.user_id
    GROUP BY named.case_id, named.user_id
)
"""  # noqa: S608 - our own SQL
NAMED = f"JOIN {SEERS} AS seer ON seer.case_id = late.case_id"
OFFICE = f"""
JOIN (
    SELECT office.congress_id, office.user_id, {HATS}
    FROM accounts_membership AS office
    JOIN accounts_user AS person ON person.id = office.user_id AND person.is_active
    JOIN accounts_membership AS hat ON hat.user_id = office.user_id
    WHERE office.role IN (%s, %s)
    GROUP BY office.congress_id, office.user_id
) AS seer ON seer.congress_id = late.congress_id
"""  # noqa: S608 - our own SQL
NOBODY_NAMED = f"NOT EXISTS (SELECT FROM {SEERS} AS named WHERE named.case_id = late.case_id AND {{others}}) AND"
# Who owes it himself, in person or by a hat, is reminded of it anyway. Asked of the hats gathered above: of a join
# with them the planner believes that it leaves nothing, and then goes through all the late for each overseer.
OF_OTHERS = """
{seer}.user_id IS DISTINCT FROM late.owner_user_id
AND (late.owner_user_id IS NULL AND late.owner_unit_id = ANY ({seer}.units)) IS NOT TRUE
AND (late.owner_user_id IS NULL AND late.owner_unit_id IS NULL
     AND late.owner_congress_id || late.owner_role = ANY ({seer}.offices)) IS NOT TRUE
"""
OWNER = ("case_id", "owner_user_id", "owner_unit_id", "owner_congress_id", "owner_role")


def by_overseer(late: QuerySet) -> list[Statement]:
    """Return obligations, as facts for ``notices.services.remind_each``, once for each active user who oversees them.

    Overseers are those whom the kind of case names (``registry.CaseKind.overseers``), or else the leaders and staff of
    the case's congress; two queries at most, however many kinds there are. Nobody is to oversee what he owes himself:
    where the only one named owes it, it goes to the leaders and staff too.
    """
    rows = statement_of(late.values(*FACTS, *OWNER))
    named = [statement_of(kind.overseers()) for kind in registry.kinds() if kind.overseers]
    sql, of_others = LATE.format(late=rows.sql), OF_OTHERS.format(seer="seer")
    office = [Role.DEPUTY, Role.STAFF, Role.LEADER]
    if not named:
        return [Statement(f"{sql}{OFFICE} WHERE {of_others}", [*rows.params, *office])]
    # Cases have one sequence of ids, whatever their kind.
    union = " UNION ALL ".join(one.sql for one in named)
    seers = [Role.DEPUTY, *(param for one in named for param in one.params)]
    nobody_named = NOBODY_NAMED.format(named=union, others=OF_OTHERS.format(seer="named"))
    return [
        Statement(f"{sql}{NAMED.format(named=union)} WHERE {of_others}", [*rows.params, *seers]),
        Statement(f"{sql}{OFFICE} WHERE {nobody_named}{of_others}", [*rows.params, *office, *seers]),
    ]


def as_facts(obligations: QuerySet, *, notice_rule: Choice | Value, text_rule: Choice | Value) -> QuerySet:
    """Return obligations with what ``notices.services.remind_each`` wants to know, but for who is to be told."""
    return obligations.annotate(
        notice_rule=notice_rule,
        text_rule=text_rule,
        object_key=object_key(),
        congress_id=F("case__congress_id"),
        matter=case_name(),
        due_words=spoken_due(),
        url=case_url(),
    )


def object_key() -> Concat:
    """Return how notices name an obligation."""
    return Concat(Value("obligation:"), Cast("pk", CharField()))


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
