"""What makes a procedure unfit, each fault with the sentence that the office reads."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from accounts.models import Role
from casework.models import Act, Outcome, Stage, Step
from casework.procedures import faults


class Draft:
    """A sound procedure in six steps: submit, review, consult, assign, reply, rate."""

    def __init__(self) -> None:
        rows = [
            ("submit", "提出", Stage.SUBMIT, Act.SUBMIT, Role.DEPUTY),
            ("review", "审议", Stage.REVIEW, Act.DECIDE, Role.STAFF),
            ("consult", "会商", Stage.REVIEW, Act.DECIDE, Role.STAFF),
            ("assign", "交办", Stage.ASSIGN, Act.ASSIGN, Role.STAFF),
            ("reply", "答复", Stage.REPLY, Act.REPLY, Role.UNIT),
            ("rate", "测评", Stage.RATE, Act.RATE, Role.DEPUTY),
        ]
        self.steps = {
            code: Step(pk=pk, position=pk, code=code, label=label, stage=stage, act=act, actor_role=actor, verb="办")
            for pk, (code, label, stage, act, actor) in enumerate(rows, start=1)
        }
        codes = list(self.steps)
        self.outcomes = {}
        for code, following in pairwise(codes):
            self.leads(code, "pass", following)
        self.ends("rate", "pass", "rated")
        self.ends("review", "refuse", "not_registered")
        self.leads("consult", "return", "submit")
        self.leads("rate", "redo", "reply")

    def leads(self, step: str, code: str, target: str) -> None:
        self.outcomes[step, code] = Outcome(
            step_id=self.steps[step].pk, code=code, label=code, goes_to_id=self.steps[target].pk
        )

    def ends(self, step: str, code: str, closes_as: str) -> None:
        self.outcomes[step, code] = Outcome(step_id=self.steps[step].pk, code=code, label=code, closes_as=closes_as)

    def set(self, step: str, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self.steps[step], name, value)

    def without(self, code: str) -> None:
        """Take a step out, what led to it leading on as it did."""
        gone = self.steps.pop(code)
        onward = self.outcomes[code, "pass"]
        self.outcomes = {key: row for key, row in self.outcomes.items() if key[0] != code}
        for row in self.outcomes.values():
            if row.goes_to_id == gone.pk:
                row.goes_to_id, row.closes_as = onward.goes_to_id, onward.closes_as

    def faults(self) -> list[str]:
        return faults(self.steps.values(), self.outcomes.values())


def test_a_sound_procedure_has_no_faults() -> None:
    assert Draft().faults() == []


def test_steps_are_taken_in_their_order_whatever_order_they_come_in() -> None:
    draft = Draft()
    assert faults(reversed(draft.steps.values()), draft.outcomes.values()) == []


def test_an_empty_procedure() -> None:
    assert faults([], []) == ["程序还没有步骤。"]


FAULTS: dict[str, tuple[Callable[[Draft], object], list[str]]] = {
    "no review": (
        lambda d: (d.without("review"), d.without("consult")),
        [
            "缺少「审议」阶段：提出、审议、交办、反馈、测评五个阶段都要有步骤。",
            "第1步「提出」的结论「pass」转入第2步「交办」，跳过了「审议」阶段。",
        ],
    ),
    "stages out of order": (
        lambda d: d.set("consult", stage=Stage.SUBMIT),
        [
            "第3步「会商」属于「提出」阶段，不能排在「审议」阶段的第2步「审议」后面。",
            "第3步「会商」的结论「pass」转入第4步「交办」，跳过了「审议」阶段。",
        ],
    ),
    "first act": (
        lambda d: d.set("submit", act=Act.DECIDE, actor_role=Role.STAFF),
        ["第1步「提出」的办理方式应为「提交」：程序从代表提交开始。"],
    ),
    "second submission": (
        lambda d: d.set("consult", act=Act.SUBMIT, actor_role=Role.DEPUTY),
        [
            "第3步「会商」的办理方式不能是「提交」：只有第一步是提交。",
            "第3步「会商」的办理方式是「提交」，应当属于「提出」阶段。",
        ],
    ),
    "no assignment": (
        lambda d: d.set("assign", act=Act.DECIDE),
        ["没有办理方式为「交办」的步骤。"],
    ),
    "two assignments": (
        lambda d: d.set("consult", act=Act.ASSIGN, stage=Stage.ASSIGN),
        ["办理方式为「交办」的步骤只能有一个，现在有第3步「会商」、第4步「交办」。"],
    ),
    "assignment in review": (
        lambda d: d.set("consult", act=Act.ASSIGN),
        [
            "办理方式为「交办」的步骤只能有一个，现在有第3步「会商」、第4步「交办」。",
            "第3步「会商」的办理方式是「交办」，应当属于「交办」阶段。",
        ],
    ),
    "no reply": (lambda d: d.set("reply", act=Act.DECIDE), ["没有办理方式为「答复」的步骤。"]),
    "no rating": (
        lambda d: d.set("rate", act=Act.DECIDE, actor_role=Role.STAFF),
        ["没有办理方式为「评价」的步骤。"],
    ),
    "assisting in review": (
        lambda d: d.set("consult", act=Act.ASSIST, actor_role=Role.UNIT),
        ["第3步「会商」的办理方式是「提出协办意见」，应当属于「反馈」阶段。"],
    ),
    "unit submits": (
        lambda d: d.set("submit", actor_role=Role.UNIT),
        ["第1步「提出」的办理方式是「提交」，不能由「承办单位」办理，应为：代表。"],
    ),
    "deputy decides": (
        lambda d: d.set("review", actor_role=Role.DEPUTY),
        [
            "第2步「审议」的办理方式是「作出结论」，不能由「代表」办理，应为：代表工委、常委会领导、政府办、承办单位、乡镇人大。"
        ],
    ),
    "unit assigns": (
        lambda d: d.set("assign", actor_role=Role.UNIT),
        ["第4步「交办」的办理方式是「交办」，不能由「承办单位」办理，应为：代表工委、政府办。"],
    ),
    "staff reply": (
        lambda d: d.set("reply", actor_role=Role.STAFF),
        ["第5步「答复」的办理方式是「答复」，不能由「代表工委」办理，应为：承办单位。"],
    ),
    "unit rates": (
        lambda d: d.set("rate", actor_role=Role.UNIT),
        ["第6步「测评」的办理方式是「评价」，不能由「承办单位」办理，应为：代表。"],
    ),
    "deadline": (
        lambda d: (d.set("review", deadline="5天"), d.set("reply", acknowledge_within="0WD")),
        [
            "第2步「审议」的期限「5天」写法不对，应为数字加单位，如 5个工作日、30日、3个月。",
            "第5步「答复」的签收期限「0WD」写法不对，应为数字加单位，如 5个工作日、30日、3个月。",
        ],
    ),
    "deadline of an outcome": (
        lambda d: setattr(d.outcomes["consult", "return"], "deadline", "10"),
        ["第3步「会商」结论「return」的期限「10」写法不对，应为数字加单位，如 5个工作日、30日、3个月。"],
    ),
    "no pass": (
        lambda d: (d.outcomes.pop(("review", "pass")), d.leads("review", "other", "consult")),
        ["第2步「审议」没有「通过」的结论，办完以后走不下去。"],
    ),
    "jump over a stage": (
        lambda d: d.leads("consult", "skip", "reply"),
        ["第3步「会商」的结论「skip」转入第5步「答复」，跳过了「交办」阶段。"],
    ),
    "jump over two stages": (
        lambda d: d.leads("review", "skip", "rate"),
        ["第2步「审议」的结论「skip」转入第6步「测评」，跳过了「交办」、「反馈」阶段。"],
    ),
    "early end": (
        lambda d: d.ends("assign", "done", "rated"),
        ["第4步「交办」的结论「done」直接办结，跳过了「反馈」、「测评」阶段。"],
    ),
    "unreachable": (
        lambda d: d.leads("review", "pass", "assign"),
        ["第3步「会商」从第一步走不到。"],
    ),
    "cannot end": (
        lambda d: d.leads("rate", "pass", "reply"),
        [
            "程序结束不了：从第1步「提出」、第2步「审议」、第3步「会商」、第4步「交办」、第5步「答复」、第6步「测评」起，怎么办都走不到办结。"
        ],
    ),
    "a step without a way out": (
        lambda d: d.leads("consult", "pass", "consult") or d.outcomes.pop(("consult", "return")),
        [
            "第4步「交办」从第一步走不到。",
            "第5步「答复」从第一步走不到。",
            "第6步「测评」从第一步走不到。",
            "程序结束不了：从第1步「提出」、第2步「审议」、第3步「会商」起，怎么办都走不到办结。",
        ],
    ),
    "foreign step": (
        lambda d: setattr(d.outcomes["consult", "return"], "goes_to_id", 99),
        ["第3步「会商」的结论「return」转入的步骤不在本程序中。"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str) -> None:
    change, wanted = FAULTS[name]
    draft = Draft()
    change(draft)
    assert draft.faults() == wanted


def test_the_reply_cannot_be_got_around_within_its_stage() -> None:
    draft = Draft()
    draft.steps["oversee"] = Step(
        pk=7, position=7, code="oversee", label="督办", stage=Stage.REPLY, act=Act.DECIDE, actor_role=Role.STAFF
    )
    draft.set("oversee", position=5)
    draft.set("reply", position=6)
    draft.set("rate", position=8)
    draft.leads("assign", "pass", "oversee")
    draft.leads("oversee", "pass", "reply")
    assert draft.faults() == []
    draft.leads("oversee", "skip", "rate")
    assert draft.faults() == ["可以不经过办理方式为「答复」的步骤就办结，请检查各步骤的结论转入哪一步。"]


def test_endings_before_the_last_stage_are_those_that_the_kind_of_case_knows() -> None:
    draft = Draft()
    draft.ends("assign", "back", "withdrawn")
    rows = draft.steps.values(), draft.outcomes.values()
    assert faults(*rows, early_ends={"not_registered", "withdrawn"}) == []
    assert faults(*rows, early_ends={"not_registered"}) == [
        "第4步「交办」的结论「back」直接办结，跳过了「反馈」、「测评」阶段。"
    ]
