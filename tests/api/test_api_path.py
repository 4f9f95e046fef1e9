"""A suggestion from draft to rating, by token alone."""

import pytest
from django.utils import timezone

from proposals.models import Proposal
from tests.api.conftest import Program

pytestmark = pytest.mark.django_db


def do(who: Program, pk: int, act: str, **data: object) -> dict:
    """Do an act as a program does: read, look whether it is offered, send what was seen."""
    told = who.read(f"proposals/{pk}/")
    ability = next(one for one in told["abilities"] if one["code"] == act)
    assert (ability["allowed"], ability["url"]) == (True, f"/api/v1/proposals/{pk}/{act}/")
    return who.done(f"proposals/{pk}/{act}/", {"version": told["version"], **data})


def test_from_draft_to_rating(acting, world) -> None:
    today = timezone.localdate()
    deputy, staff, unit = acting("deputy"), acting("staff"), acting("unit_user")
    draft = deputy.done("proposals/", {"title": "关于校车安全的建议", "body": "校车超载。"})
    pk = draft["id"]
    do(deputy, pk, "edit", body="校车超载，请加强检查。")
    do(deputy, pk, "submit", self_checked=True)
    do(staff, pk, "review", outcome="pass", category=world.category.pk)
    do(staff, pk, "assign", lead=world.education.pk, assisting=[world.police.pk])
    do(unit, pk, "acknowledge")
    do(unit, pk, "contact", phase="during", contacted_on=str(today), way="phone", summary="已与代表通话。")
    do(
        unit, pk, "reply", body="已增加校车检查。", document_no=f"云教〔{today.year}〕7号", replied_on=str(today),
        outcome=world.outcomes["A"].pk, disclosure="full",
    )  # fmt: skip
    end = do(deputy, pk, "rate", attitude="satisfied", result="satisfied")
    assert (end["status"], end["step"], end["version"]) == ("closed", "", Proposal.objects.get(pk=pk).version)
    assert [line["sentence"].partition("，")[0] for line in end["history"]][:2] == [
        "李春梅（代表）评价第1轮办理：办理态度满意",
        "孙丽（县教育局）答复代表",
    ]
