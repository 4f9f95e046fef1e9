"""The list of proposals as a workbook and on paper: the rows that the list shows, in the same order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from casework.models import CaseStatus
from proposals.models import Grade
from proposals.presenters import status_light
from workbooks.cleaners import Date, Integer, Text
from workbooks.columns import Column, Form, streamed

if TYPE_CHECKING:
    from proposals.models import Proposal


def row_of(proposal: Proposal, today: dt.date) -> dict[str, Any]:
    """Return one row, from ``queries.full_rows``, by the names of ``ListForm``'s columns."""
    return {
        "number": proposal.display_no,
        "title": proposal.title,
        "form": proposal.get_form_display(),
        "category": proposal.category.name if proposal.category else "",
        "lead": proposal.lead.person.name,
        "delegation": proposal.lead.delegation.name,
        "cosigners": proposal.signed_count + proposal.paper_cosigners,
        "lead_units": proposal.unit_name or "",
        "assisting_units": proposal.assisting_names or "",
        "step": proposal.step.label if proposal.step else "办结",
        "light": status_light(proposal, proposal.due_on, today)[1],
        "due_on": proposal.due_on if proposal.status == CaseStatus.OPEN else None,
        "submitted_on": proposal.submitted_on,
        "outcome": proposal.outcome_name or "",
        "rating": Grade(proposal.rating).label if proposal.rating else "",
    }


class ListForm(Form):
    """The columns of the list as it is exported; nobody imports it."""

    kind = "proposal_list"
    title = "建议议案目录"
    columns = (
        Column("编号", "number", width=12),
        Column("标题", "title", Text(200, width=48.0)),
        Column("类型", "form"),
        Column("类别", "category", width=14),
        Column("领衔代表", "lead", width=12),
        Column("代表团", "delegation", width=16),
        Column("附议人数", "cosigners", Integer(0, 1_000_000)),
        Column("主办", "lead_units", width=24),
        Column("协办", "assisting_units", width=30),
        Column("步骤", "step", width=12),
        Column("状态灯", "light", width=14),
        Column("期限", "due_on", Date()),
        Column("提出日期", "submitted_on", Date()),
        Column("办理结果", "outcome", width=18),
        Column("评价", "rating", width=10),
    )

    def __init__(self, today: dt.date):
        self.today = today

    def export_rows(self, records: Iterable[Proposal]) -> Iterator[dict[str, Any]]:
        return (row_of(record, self.today) for record in streamed(records))
