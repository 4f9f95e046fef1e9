"""What a congress needs before its first proposal: procedures and the term's outcome categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from casework.models import Outcome, Procedure, Step
from proposals import presets
from proposals.models import KIND, Arrangement, HandlingRules, OutcomeCategory
from proposals.rule_presets import RULES

if TYPE_CHECKING:
    from bodies.models import Term


@transaction.atomic
def install_procedures() -> None:
    """Create the shipped procedures and rules that are not there yet; what an office made of them stays."""
    for preset in RULES:
        HandlingRules.objects.get_or_create(code=preset["code"], defaults=preset)
    for preset in presets.PROCEDURES:
        procedure, created = Procedure.objects.get_or_create(
            code=preset["code"], version=1, defaults={"name": preset["name"], "case_kind": KIND}
        )
        if not created:
            continue
        steps = {}
        for position, row in enumerate(preset["steps"], start=1):
            fields = {key: value for key, value in row.items() if key != "outcomes"}
            steps[row["code"]] = Step.objects.create(procedure=procedure, position=position, **fields)
        for row in preset["steps"]:
            for code, label, goes_to, closes_as, deadline, rule_key in row["outcomes"]:
                Outcome.objects.create(
                    step=steps[row["code"]],
                    code=code,
                    label=label,
                    goes_to=steps.get(goes_to),
                    closes_as=closes_as,
                    deadline=deadline,
                    rule_key=rule_key,
                )


@transaction.atomic
def prepare_term(*, term: Term) -> None:
    """Give a term the shipped arrangement and outcome categories, unless it has its own."""
    arrangement_of(term)
    if term.outcome_categories.exists():
        return
    OutcomeCategory.objects.bulk_create(
        OutcomeCategory(
            term=term,
            code=code,
            name=name,
            definition=definition,
            counts_as_solved=solved,
            counts_as_explained=explained,
            needs_follow_up=follow_up,
            sort=sort,
        )
        for sort, (code, name, definition, solved, explained, follow_up) in enumerate(presets.OUTCOME_CATEGORIES)
    )


def arrangement_of(term: Term) -> Arrangement:
    """Return by which procedure and rules the new proposals of a term are handled; the shipped ones until chosen."""
    known = Arrangement.objects.select_related("procedure", "rules").filter(term=term).first()
    if known is not None:
        return known
    install_procedures()
    procedure = Procedure.objects.get(code=presets.DEFAULT_PROCEDURE, is_active=True)
    rules = HandlingRules.objects.get(code=presets.DEFAULT_RULES)
    return Arrangement.objects.get_or_create(term=term, defaults={"procedure": procedure, "rules": rules})[0]
