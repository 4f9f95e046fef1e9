"""办理评估: decided by a meeting, owed by the office whatever becomes of the case, with a result the unit is told."""

import datetime as dt

import pytest
from django.urls import reverse

from casework.models import Obligation
from casework.services import UnableToAct
from notices.models import Notice
from proposals import services
from proposals.abilities import abilities
from proposals.models import Evaluation
from tests import factories as make
from tests.factories import at
from tests.proposals.handing import said
from tests.proposals.oversight.acts import NOW, closed, evaluated
from tests.proposals.reviewed import fresh
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import answered, assigned, submitted
from tests.world import World

RESULT = {"grade": "average", "conclusion": "护栏装了一半。", "follow_up": "九月底前装完其余两所。"}


def concluded(world: World, row: object, **how: object) -> Evaluation:
    given = {"user": world.staff, "now": at(2026, 6, 20), "seen_version": None} | RESULT
    return services.conclude_evaluation(proposal_id=row.pk, **(given | how))


def test_evaluation_outlives_the_closing_and_its_result_is_told_to_the_unit(world: World) -> None:
    row = answered(world)
    made = evaluated(world, row)
    row = closed(world, row)
    owed = Obligation.objects.open().get(case=row.pk)
    assert (owed.act, owed.verb, owed.owner_label, str(owed.due_on), owed.about) == (
        "evaluate", "完成评估", "代表工委", "2026-06-30", f"evaluation:{made.pk}",
    )  # fmt: skip
    with pytest.raises(UnableToAct, match="本件正在评估（第二十三次主任会议决定）"):
        evaluated(world, row)
    concluded(world, row)
    made.refresh_from_db()
    assert (made.get_grade_display(), made.conclusion, made.concluded_by) == ("一般", "护栏装了一半。", world.staff)
    assert said(row) == "张志强（代表工委）登记评估结论（一般）：护栏装了一半。；后续意见：九月底前装完其余两所。"
    assert not Obligation.objects.open().exists()
    told = Notice.objects.filter(title=f"办理情况评估为「一般」：{row}")
    assert [(one.recipient, one.body) for one in told] == [(world.unit_user, "九月底前装完其余两所。")]
    with pytest.raises(UnableToAct, match="评估已经有结论"):
        concluded(world, row)
    assert evaluated(world, row).pk != made.pk


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"why": ""}, "请填写评估原因"),
        ({"evaluators": " "}, "请填写评估人员"),
        ({"meeting": ""}, "请填写决定评估的会议"),
        ({"decided_on": dt.date(2026, 5, 9)}, "会议日期不能晚于今天"),
        ({"due_on": dt.date(2026, 5, 7)}, "完成期限不能早于今天"),
    ],
)
def test_wrong_evaluations_are_refused(world: World, how: dict, words: str) -> None:
    row = assigned(world)
    with pytest.raises(UnableToAct, match=words):
        evaluated(world, row, **how)
    assert (Evaluation.objects.count(), Obligation.objects.filter(act="evaluate").count()) == (0, 0)


def test_result_needs_a_grade_and_a_conclusion(world: World) -> None:
    row = assigned(world)
    evaluated(world, row)
    for how, words in (({"grade": "优"}, "请选择评估等次"), ({"conclusion": ""}, "请填写评估结论")):
        with pytest.raises(UnableToAct, match=words):
            concluded(world, row, **how)
    assert Evaluation.objects.waiting().count() == 1


def test_evaluations_are_the_offices_and_of_registered_items(world: World) -> None:
    assert "evaluate" not in abilities(world.staff, fresh(submitted(world)))
    row = assigned(world, title="乙")
    for user in (world.leader, world.gov_office, world.unit_user, world.deputy):
        with pytest.raises(UnableToAct):
            evaluated(world, row, user=user)
    assert not Evaluation.objects.exists()


def test_pages_of_the_evaluation_and_who_reads_what(world: World) -> None:
    row = answered(world)
    client, url = as_user(world.staff), reverse("proposals:evaluate", args=[row.pk])
    typed = {
        "version": fresh(row).version, "why": "机密原因", "evaluators": "教科文卫委员会", "meeting": "主任会议",
        "decided_on": "2026-03-04", "due_on": "2000-01-01",
    }  # fmt: skip
    page = client.post(url, typed)
    assert (page.status_code, "机密原因" in page.content.decode(), "完成期限不能早于今天" in page.content.decode()) == (
        422, True, True,
    )  # fmt: skip
    assert client.post(url, typed | {"due_on": "2099-12-31"}).status_code == 302
    case = reverse("proposals:case", args=[row.pk])
    for user in (world.deputy, world.unit_user, world.police_user, world.township_user):
        page = as_user(user).get(case).content.decode()
        assert not any(word in page for word in ("机密原因", "评估", "2099")), user
    assert "机密原因" in client.get(url).content.decode()
    result = {"version": fresh(row).version} | RESULT
    assert client.post(url, result | {"grade": "x"}).status_code == 422
    assert client.post(url, result).status_code == 302
    unit = as_user(world.unit_user).get(case).content.decode()
    assert ("九月底前装完其余两所" in unit, "机密原因" in unit) == (True, False)
    for user in (world.deputy, world.police_user, world.township_user):
        assert "护栏装了一半" not in as_user(user).get(case).content.decode(), user
    listed = as_user(world.leader).get(reverse("proposals:evaluations"))
    assert [one.proposal_id for one in listed.context["page_obj"]] == [row.pk]
    waiting = as_user(world.leader).get(reverse("proposals:evaluations") + "?state=waiting")
    assert list(waiting.context["page_obj"]) == []
    assert list(as_user(world.stranger).get(reverse("proposals:evaluations")).context["page_obj"]) == []
    assert as_user(world.unit_user).get(reverse("proposals:evaluations")).status_code == 404


def test_what_was_typed_stays_when_another_clerk_was_first(world: World) -> None:
    """A opens the evaluation while B writes the reasons, and concludes it while B writes the conclusion."""
    row = answered(world)
    other = make.UserFactory(name="王敏", role="staff", role__congress=world.congress)
    client, url = as_user(other), reverse("proposals:evaluate", args=[row.pk])
    reasons = {
        "version": fresh(row).version, "why": "乙写的评估原因", "evaluators": "乙", "meeting": "主任会议",
        "decided_on": "2026-03-04", "due_on": "2099-12-31",
    }  # fmt: skip
    evaluated(world, row)
    page = client.post(url, reasons)
    words = page.content.decode()
    assert (page.status_code, "乙写的评估原因" in words, "张志强" in words) == (409, True, True)
    again = client.post(url, reasons | {"version": fresh(row).version})
    assert (again.status_code, "乙写的评估原因" in again.content.decode()) == (422, True)
    assert "本件正在评估（第二十三次主任会议决定）" in again.content.decode()
    result = {"version": fresh(row).version} | RESULT | {"conclusion": "乙写了很久的结论"}
    concluded(world, row)
    page = client.post(url, result)
    words = page.content.decode()
    assert (page.status_code, "乙写了很久的结论" in words, "张志强" in words) == (409, True, True)
    again = client.post(url, result | {"version": fresh(row).version})
    assert (again.status_code, "乙写了很久的结论" in again.content.decode()) == (422, True)
    assert "评估已经有结论" in again.content.decode()
    assert Evaluation.objects.get().conclusion == "护栏装了一半。"


def test_evaluation_now_and_then(world: World) -> None:
    row = assigned(world)
    assert evaluated(world, row, due_on=NOW.date()).due_on == NOW.date()
