"""Copying, changing and activating procedures, and who may."""

import pytest

from accounts.models import Role, User
from casework.models import Case, Outcome, Procedure, Step
from casework.procedures import (
    Placed,
    UnableToChangeProcedure,
    activate,
    copy_procedure,
    delete_draft,
    faults_of,
    put_steps,
    why_fixed,
)
from proposals import services as proposals
from proposals.models import KIND, Arrangement
from tests import factories as make
from tests.factories import at
from tests.world import World


@pytest.fixture
def administrator(db: None) -> User:
    return make.UserFactory(username="root", name="系统管理员", administers="system", is_staff=True)


def shipped(code: str = "standard5") -> Procedure:
    return Procedure.objects.get(code=code, version=1)


def own_copy(world: World, name: str = "本县五步法", source: str = "standard5") -> Procedure:
    return copy_procedure(procedure=shipped(source), user=world.staff, as_new_name=name)


def content(procedure: Procedure) -> list[tuple]:
    outcomes = Outcome.objects.select_related("goes_to")
    return [
        (
            *(getattr(step, name) for name in ("position", "stage", "code", "label", "act", "actor_role", "verb")),
            *(getattr(step, name) for name in ("deadline", "rule_key", "acknowledge_within", "required")),
            [
                (row.code, row.label, row.goes_to and row.goes_to.code, row.closes_as, row.deadline, row.rule_key)
                for row in outcomes.filter(step=step).order_by("pk")
            ],
        )
        for step in procedure.steps.order_by("position")
    ]


def ways(procedure: Procedure) -> list[str]:
    """The steps in their order, each with where passing it leads."""
    rows = []
    for step in procedure.steps.order_by("position"):
        passed = Outcome.objects.filter(step=step, code="pass").select_related("goes_to").first()
        where = (passed.goes_to.label if passed.goes_to else passed.closes_as) if passed else "?"
        rows.append(f"{step.position} {step.label}>{where}")
    return rows


@pytest.mark.parametrize("code", ["standard5", "yanshou8", "dongkou351"])
def test_shipped_procedures_are_sound(world: World, code: str) -> None:
    assert faults_of(shipped(code)) == []


@pytest.mark.parametrize("code", ["standard5", "dongkou351"])
def test_a_copy_of_a_shipped_procedure_belongs_to_the_county(world: World, code: str) -> None:
    source = shipped(code)
    copy = copy_procedure(procedure=source, user=world.staff, as_new_name=" 云溪县  办法 ")
    assert (copy.name, copy.code, copy.version, copy.congress, copy.is_active) == (
        "云溪县 办法", "yxxbf-1", 1, world.congress, False,
    )  # fmt: skip
    assert content(copy) == content(source)
    targets = Outcome.objects.filter(step__procedure=copy, goes_to__isnull=False)
    assert set(targets.values_list("goes_to__procedure", flat=True)) == {copy.pk}
    assert not Step.objects.filter(procedure=copy, pk__in=source.steps.values("pk")).exists()


def test_codes_of_copies_never_collide(world: World) -> None:
    other = copy_procedure(procedure=shipped(), user=world.stranger, as_new_name="五步法办法")
    own = own_copy(world, "五步法办法")
    assert (other.code, own.code) == ("wbfbf-1", "wbfbf-2")
    assert (other.congress, own.congress) == (world.foreign_congress, world.congress)


def test_what_a_copy_may_not_be_called(world: World) -> None:
    own_copy(world)
    long = "长" * 101
    for name, reason in (
        ("", "请填写新程序的名称。"),
        (" \x00 ", "请填写新程序的名称。"),
        (long, "名称不能超过 100 个字，现在是 101 个字。"),
        ("本县五步法", "已经有名为「本县五步法」的程序，请换一个名称。"),
        ("五步法", "已经有名为「五步法」的程序，请换一个名称。"),
    ):
        with pytest.raises(UnableToChangeProcedure, match=reason):
            own_copy(world, name)
    assert Procedure.objects.filter(congress=world.congress).count() == 1


def test_staff_make_no_new_version_of_what_is_shipped(world: World) -> None:
    with pytest.raises(UnableToChangeProcedure, match="这不是本单位的程序，不能做成它的新版本"):
        copy_procedure(procedure=shipped(), user=world.staff, as_new_name=None)


def test_who_may_not_copy(world: World) -> None:
    for user in (world.leader, world.deputy, world.unit_user, world.township_user, world.gov_office):
        with pytest.raises(UnableToChangeProcedure, match="只有代表工委工作人员和系统管理员可以复制程序。"):
            copy_procedure(procedure=shipped(), user=user, as_new_name="甲")
    mine = own_copy(world)
    for name in ("甲", None):
        with pytest.raises(UnableToChangeProcedure, match="没有找到要复制的程序"):
            copy_procedure(procedure=mine, user=world.stranger, as_new_name=name)
    assert Procedure.objects.exclude(congress=None).count() == 1


def test_a_new_version_replaces_the_old_one_and_arrangements_follow(world: World) -> None:
    first = own_copy(world)
    assert activate(procedure=first, user=world.staff) is None
    other_term = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on="2017-01-01", ends_on="2021-12-31"
    )
    proposals.prepare_term(term=other_term)
    Arrangement.objects.filter(term=world.term).update(procedure=first)
    second = copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    assert (second.code, second.version, second.is_active) == (first.code, 2, False)
    assert Arrangement.objects.get(term=world.term).procedure == first
    assert activate(procedure=second, user=world.staff) == first
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_active, second.is_active) == (False, True)
    assert Arrangement.objects.get(term=world.term).procedure == second
    assert Arrangement.objects.get(term=other_term).procedure == shipped()


def test_only_one_new_version_at_a_time(world: World) -> None:
    first = own_copy(world)
    with pytest.raises(UnableToChangeProcedure, match="「本县五步法（第1版）」还没有启用，可以直接修改"):
        copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    activate(procedure=first, user=world.staff)
    copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    with pytest.raises(UnableToChangeProcedure, match="已有没启用的「本县五步法（第2版）」"):
        copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    assert Procedure.objects.filter(code=first.code).count() == 2


def test_the_administrator_makes_new_versions_of_what_is_shipped(world: World, administrator: User) -> None:
    second = copy_procedure(procedure=shipped(), user=administrator, as_new_name=None)
    assert (second.congress, second.version) == (None, 2)
    assert activate(procedure=second, user=administrator) == shipped()
    assert Arrangement.objects.get(term=world.term).procedure == second


def test_a_procedure_with_faults_is_not_activated_and_says_why(world: World) -> None:
    draft = own_copy(world)
    Outcome.objects.filter(step__procedure=draft, step__code="review", code="pass").update(
        goes_to=draft.steps.get(code="reply")
    )
    with pytest.raises(UnableToChangeProcedure) as refusal:
        activate(procedure=draft, user=world.staff)
    assert str(refusal.value) == (
        "程序还不能启用：第2步「审议」的结论「审查通过」转入第4步「反馈」，跳过了「交办」阶段。"
    )
    draft.refresh_from_db()
    assert not draft.is_active


def test_nobody_else_activates_changes_or_deletes(world: World, administrator: User) -> None:
    draft = own_copy(world)
    text = "这是云溪县的程序，在这里只能查看。需要修改的，请复制一份，改复制出来的那一份。"
    for user in (world.stranger, world.leader, world.township_user, world.deputy, administrator):
        assert why_fixed(user, draft) == text
        for act in (
            lambda user=user: activate(procedure=draft, user=user),
            lambda user=user: delete_draft(procedure=draft, user=user),
            lambda user=user: put_steps(procedure=draft, user=user, steps=[], removed=list(draft.steps.all())),
        ):
            with pytest.raises(UnableToChangeProcedure, match=text):
                act()
    assert draft.steps.count() == 5
    assert why_fixed(world.staff, shipped()) == (
        "这是系统自带的程序，在这里只能查看。需要修改的，请复制一份，改复制出来的那一份。"
    )


def test_what_is_in_force_or_has_cases_is_fixed(world: World) -> None:
    first = own_copy(world)
    assert why_fixed(world.staff, first) == ""
    activate(procedure=first, user=world.staff)
    first.refresh_from_db()
    assert why_fixed(world.staff, first) == (
        "「本县五步法（第1版）」正在启用，不能再改。请复制为新版本，改好以后再启用；已在办理的按原来的版本办到底。"
    )
    with pytest.raises(UnableToChangeProcedure, match="正在启用"):
        delete_draft(procedure=first, user=world.staff)
    with pytest.raises(UnableToChangeProcedure, match="已经启用"):
        activate(procedure=first, user=world.staff)
    Case.objects.create(
        kind=KIND,
        congress=world.congress,
        title="校车",
        procedure=first,
        step=first.steps.first(),
        created_at=at(2026, 3, 2),
    )
    second = copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    activate(procedure=second, user=world.staff)
    first = Procedure.objects.get(pk=first.pk)
    assert why_fixed(world.staff, first) == (
        "已有办件按「本县五步法（第1版）」办理，程序不能再改：办件按开始时的规则办到底，办理经过才对得上。"
    )
    with pytest.raises(UnableToChangeProcedure, match="已有办件"):
        put_steps(procedure=first, user=world.staff, steps=[], removed=[first.steps.first()])
    assert first.steps.count() == 5


def test_a_draft_is_deleted_with_its_steps(world: World) -> None:
    draft = own_copy(world)
    delete_draft(procedure=draft, user=world.staff)
    assert not Procedure.objects.filter(congress=world.congress).exists()
    assert not Step.objects.filter(procedure=draft.pk).exists()


def test_who_sees_and_chooses_a_copy(world: World, administrator: User) -> None:
    below = make.UserFactory(username="below", role=Role.STAFF, role__congress=world.township)
    draft = own_copy(world)
    for user, sees in ((world.staff, True), (world.leader, True), (below, False), (world.stranger, False)):
        assert Procedure.objects.visible_to(user).filter(pk=draft.pk).exists() == sees, user
    activate(procedure=draft, user=world.staff)
    for user, sees in ((below, True), (world.stranger, False), (administrator, True)):
        assert Procedure.objects.visible_to(user).filter(pk=draft.pk).exists() == sees, user
    theirs = copy_procedure(procedure=draft, user=below, as_new_name="城关镇办法")
    assert theirs.congress == world.township
    assert not Procedure.objects.visible_to(world.staff).filter(pk=theirs.pk).exists()


def new_step(label: str, **fields: object) -> Step:
    return Step(label=label, stage="review", act="decide", actor_role="staff", verb=label, **fields)


def test_a_new_step_takes_its_place_in_the_line(world: World) -> None:
    draft = own_copy(world)
    rows = [Placed(step, step.position) for step in draft.steps.order_by("position")]
    rows += [Placed(new_step("会商"), 3)]
    put_steps(procedure=draft, user=world.staff, steps=rows, removed=[])
    assert ways(draft) == ["1 提出>审议", "2 审议>会商", "3 会商>交办", "4 交办>反馈", "5 反馈>测评", "6 测评>rated"]
    assert draft.steps.get(label="会商").code == "hs"
    # What is merged goes on as what is passed, and what is not satisfying goes back to the reply as before.
    assert Outcome.objects.get(step__procedure=draft, code="merge").goes_to.label == "会商"
    assert Outcome.objects.get(step__procedure=draft, code="redo").goes_to.label == "反馈"
    assert faults_of(draft) == []


def test_a_step_without_a_place_comes_last_and_codes_differ(world: World) -> None:
    draft = own_copy(world)
    rows = [Placed(step, step.position) for step in draft.steps.order_by("position")]
    last = Step(label="测评", stage="rate", act="decide", actor_role="staff", verb="通报")
    again = Step(label="测评", stage="rate", act="decide", actor_role="staff", verb="归档")
    put_steps(procedure=draft, user=world.staff, steps=[*rows, Placed(last, None), Placed(again, None)], removed=[])
    assert ways(draft)[-3:] == ["5 测评>测评", "6 测评>测评", "7 测评>rated"]
    assert [step.code for step in draft.steps.order_by("position")][-2:] == ["cp", "cp2"]
    assert faults_of(draft) == []


def test_removing_a_step_closes_the_gap(world: World) -> None:
    draft = own_copy(world, source="dongkou351")
    gone = draft.steps.get(code="lead")
    rows = [Placed(step, step.position) for step in draft.steps.order_by("position") if step.pk != gone.pk]
    put_steps(procedure=draft, user=world.staff, steps=rows, removed=[gone])
    assert ways(draft)[3:7] == ["4 主任会议审定>交办", "5 交办>协办", "6 协办>督办", "7 督办>答复"]
    assert Outcome.objects.get(step__procedure=draft, code="redo").goes_to.label == "协办"
    assert faults_of(draft) == []


def test_steps_change_places(world: World) -> None:
    for moved, place, wanted in (
        ("qualify", 4, ["2 审议>分类", "3 分类>定性", "4 定性>会商", "5 会商>交办"]),
        ("consult", 3, ["2 审议>会商", "3 会商>定性", "4 定性>分类", "5 分类>交办"]),
    ):
        draft = own_copy(world, f"办法{moved}", "yanshou8")
        rows = [
            Placed(step, place if step.code == moved else step.position) for step in draft.steps.order_by("position")
        ]
        put_steps(procedure=draft, user=world.staff, steps=rows, removed=[])
        assert ways(draft)[1:5] == wanted
        assert faults_of(draft) == []


def test_steps_that_a_forged_form_left_out_stay(world: World) -> None:
    draft = own_copy(world)
    last = draft.steps.get(code="rate")
    put_steps(procedure=draft, user=world.staff, steps=[Placed(last, 5)], removed=[])
    assert ways(draft) == ["1 提出>审议", "2 审议>交办", "3 交办>反馈", "4 反馈>测评", "5 测评>rated"]


def test_running_cases_keep_their_version(world: World) -> None:
    first = own_copy(world)
    activate(procedure=first, user=world.staff)
    case = Case.objects.create(
        kind=KIND,
        congress=world.congress,
        title="校车",
        procedure=first,
        step=first.steps.first(),
        created_at=at(2026, 3, 2),
    )
    before = content(first)
    second = copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    rows = [Placed(step, step.position) for step in second.steps.order_by("position")]
    put_steps(procedure=second, user=world.staff, steps=[*rows, Placed(new_step("会商"), 3)], removed=[])
    activate(procedure=second, user=world.staff)
    case.refresh_from_db()
    assert (case.procedure, content(first)) == (first, before)
