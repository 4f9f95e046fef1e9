"""What a congress needs before its first proposal: procedures and the term's outcome categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from casework.models import Outcome, Procedure, Step
from proposals import presets
from proposals.models import KIND, OutcomeCategory

if TYPE_CHECKING:
    from bodies.models import Term


@transaction.atomic
def install_procedures() -> None:
    """Create the shipped procedures that are not there yet; what the office changed stays."""
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
            for code, label, goes_to, closes_as, deadline in row["outcomes"]:
                Outcome.objects.create(
                    step=steps[row["code"]],
                    code=code,
                    label=label,
                    goes_to=steps.get(goes_to),
                    closes_as=closes_as,
                    deadline=deadline,
                )


@transaction.atomic
def prepare_term(*, term: Term) -> None:
    """Give a term the shipped outcome categories, unless it has its own."""
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


def active_procedure() -> Procedure:
    """Return the procedure that new proposals start with."""
    return Procedure.objects.filter(case_kind=KIND, is_active=True).earliest("pk")
