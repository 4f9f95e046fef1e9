"""Procedures and outcome categories as they are shipped; an office copies them and changes the copy."""

from __future__ import annotations

from typing import Any

from accounts.models import Role
from casework.models import Act, Stage


def _step(stage: Stage, code: str, label: str, actor_role: Role, verb: str, **fields: Any) -> dict[str, Any]:
    """Return a step; its outcomes are code, label, step it leads to or None, how it closes, deadline, rule key."""
    return {"stage": stage, "code": code, "label": label, "actor_role": actor_role, "verb": verb, **fields}


REFUSED = ("not_registered", "不予立案", None, "not_registered", "", "")
RETURNED = ("return", "退回修改", "submit", "", "10D", "")

SUBMIT = _step(Stage.SUBMIT, "submit", "提出", Role.DEPUTY, "提交", act=Act.SUBMIT)
ASSIGN = _step(
    Stage.ASSIGN, "assign", "交办", Role.STAFF, "交办", act=Act.ASSIGN, deadline="5WD", rule_key="assign",
    outcomes=[("pass", "交办", "reply", "", "", "")],
)  # fmt: skip
# 代表法 51: within three months of assignment.
REPLY = _step(
    Stage.REPLY, "reply", "反馈", Role.UNIT, "答复", act=Act.REPLY, deadline="3M", rule_key="reply",
    acknowledge_within="5WD", outcomes=[("pass", "答复", "rate", "", "", "")],
)  # fmt: skip
RATE = _step(
    Stage.RATE, "rate", "测评", Role.DEPUTY, "评价", act=Act.RATE, deadline="30D", rule_key="feedback",
    outcomes=[("pass", "评价", None, "rated", "", ""), ("redo", "不满意，重新办理", "reply", "", "1M", "rehandle")],
)  # fmt: skip

STANDARD5 = {
    "code": "standard5",
    "name": "五步法",
    "steps": [
        {**SUBMIT, "outcomes": [("pass", "提交", "review", "", "", "")]},
        _step(
            Stage.REVIEW, "review", "审议", Role.STAFF, "审查", act=Act.DECIDE, deadline="5WD",
            outcomes=[
                ("pass", "审查通过", "assign", "", "", ""), RETURNED, ("merge", "并案", "assign", "", "", ""), REFUSED,
            ],
        ),
        ASSIGN,
        REPLY,
        RATE,
    ],
}  # fmt: skip

# 延寿: the eighth step reports the handling, and the deputy judges its effect (问效).
YANSHOU8 = {
    "code": "yanshou8",
    "name": "八步法",
    "steps": [
        {**SUBMIT, "outcomes": [("pass", "提交", "examine", "", "", "")]},
        _step(
            Stage.REVIEW, "examine", "审议", Role.STAFF, "审议", act=Act.DECIDE, deadline="5WD",
            outcomes=[("pass", "审议通过", "qualify", "", "", ""), RETURNED, REFUSED],
        ),
        _step(
            Stage.REVIEW, "qualify", "定性", Role.STAFF, "定性", act=Act.DECIDE, deadline="3WD", required=["nature"],
            outcomes=[("pass", "确定性质", "classify", "", "", ""), REFUSED],
        ),
        _step(
            Stage.REVIEW, "classify", "分类", Role.STAFF, "分类", act=Act.DECIDE, deadline="3WD", required=["category"],
            outcomes=[("pass", "确定类别", "consult", "", "", "")],
        ),
        _step(
            Stage.REVIEW, "consult", "会商", Role.STAFF, "会商", act=Act.DECIDE, deadline="5WD",
            required=["review_note"],
            outcomes=[
                ("pass", "会商同意立案", "assign", "", "", ""), RETURNED, ("merge", "并案", "assign", "", "", ""), REFUSED,
            ],
        ),
        ASSIGN,
        {**REPLY, "outcomes": [("pass", "答复", "report", "", "", "")]},
        {**RATE, "code": "report", "label": "报告", "verb": "问效评价"},
    ],
}  # fmt: skip

# 洞口 三审五办一测评: the source names it, the steps are ours and an office renames them in its copy.
DONGKOU351 = {
    "code": "dongkou351",
    "name": "三审五办一测评",
    "steps": [
        {**SUBMIT, "outcomes": [("pass", "提交", "first_review", "", "", "")]},
        _step(
            Stage.REVIEW, "first_review", "乡镇初审", Role.TOWNSHIP, "初审", act=Act.DECIDE, deadline="5WD",
            outcomes=[("pass", "初审通过", "second_review", "", "", ""), RETURNED],
        ),
        _step(
            Stage.REVIEW, "second_review", "代工委复审", Role.STAFF, "复审", act=Act.DECIDE, deadline="5WD",
            required=["category"],
            outcomes=[
                ("pass", "复审通过", "final_review", "", "", ""), RETURNED,
                ("merge", "并案", "final_review", "", "", ""), REFUSED,
            ],
        ),
        _step(
            Stage.REVIEW, "final_review", "主任会议审定", Role.STAFF, "审定", act=Act.DECIDE, deadline="10WD",
            required=["meeting"], outcomes=[("pass", "审定立案", "assign", "", "", ""), RETURNED, REFUSED],
        ),
        {**ASSIGN, "outcomes": [("pass", "交办", "lead", "", "", "")]},
        _step(
            Stage.REPLY, "lead", "主办", Role.UNIT, "提出办理方案", act=Act.DECIDE, deadline="20WD",
            rule_key="contact_deputy", acknowledge_within="5WD", required=["contact", "review_note"],
            outcomes=[("pass", "提出办理方案", "assist", "", "", "")],
        ),
        _step(
            Stage.REPLY, "assist", "协办", Role.UNIT, "提出协办意见", act=Act.ASSIST, deadline="1M",
            rule_key="assist_opinion", outcomes=[("pass", "协办意见齐备", "oversee", "", "", "")],
        ),
        _step(
            Stage.REPLY, "oversee", "督办", Role.STAFF, "督办", act=Act.DECIDE, deadline="10WD",
            required=["review_note"],
            outcomes=[("pass", "督办通过", "reply", "", "", ""), ("back", "退回主办单位补充", "lead", "", "5WD", "")],
        ),
        {**REPLY, "label": "答复"},
        {**RATE, "outcomes": [
            ("pass", "评价", None, "rated", "", ""), ("redo", "不满意，重新办理", "lead", "", "1M", "rehandle"),
        ]},
    ],
}  # fmt: skip

PROCEDURES = [STANDARD5, YANSHOU8, DONGKOU351]
DEFAULT_PROCEDURE = "standard5"
DEFAULT_RULES = "national_2025"

# code, name, definition, counts as solved or being solved, counts as explained, needs following up
OUTCOME_CATEGORIES = [
    ("A", "已经解决", "所提问题已经解决或者基本解决", True, False, False),
    ("B", "正在解决", "所提问题正在解决或者已经列入计划", True, False, True),
    ("C", "解释说明", "受条件限制暂时难以解决，已向代表解释说明", False, True, False),
    ("D", "留作参考", "留作工作参考", False, False, False),
]

CLOSED_AS = {
    "rated": "评价办结",
    "not_registered": "不予立案",
    "unrated": "未评价办结",
    "withdrawn": "代表撤回",
    "imported": "导入办结",
}

# What a step may demand before it is passed (``Step.required``).
NEEDS = {
    "category": "类别",
    "nature": "性质",
    "review_note": "说明意见",
    "meeting": "会议名称和日期",
    "gate_guidance": "指导关",
    "gate_study": "调研关",
    "gate_quality": "质量关",
    "contact": "联系代表记录",
    "assist_opinions": "协办意见",
    "document_no": "答复文号",
    "signed_by": "签发人",
    "in_person": "当面答复记录",
}

# In which ways a step may end, and a proposal be closed by its procedure.
OUTCOMES = {
    "pass": "通过，转入下一步",
    "return": "退回修改",
    "merge": "并案",
    "not_registered": "不予立案",
    "back": "退回前面的步骤",
    "redo": "不满意，重新办理",
}
ENDS = {"rated": CLOSED_AS["rated"], "not_registered": CLOSED_AS["not_registered"]}
RULE_KEYS = {
    "accept_notice": "受理告知代表",
    "assign": "交办",
    "contact_deputy": "联系代表",
    "assist_opinion": "协办意见",
    "reply": "答复",
    "feedback": "代表反馈",
    "rehandle": "不满意重新办理",
}

# On which page an obligation is met. What needs another act first (a reply a contact), or a look at the case, is met
# from there.
ACT_PAGES = {
    "review": "review",
    "assign": "assign",
    "distribute": "distribute",
    "decide-return": "decide-return",
    "decide-extension": "decide-extension",
    "rate": "rate",
    "consent": "consent",
    "commit": "commit",
    "commitment": "commitment-report",
    "commitment-verify": "commitment-verify",
    "commitment-rate": "commitment-rate",
    "look-back": "look-back",
    "rectify": "rectify",
    "evaluate": "evaluate",
    "study": "evaluate",
}

# What units ask of the offices, with what is decided on it, and what they tell each other.
ASKS, DECISIONS = {"return", "extend"}, {"decide-return", "decide-extension"}
# Owed because of the oversight, whatever step the case stands in and after it was closed.
OVERSIGHT = {"rectify", "evaluate"}
COMMITMENTS = {"commit", "commitment", "commitment-verify", "commitment-rate", "look-back"}
OUTLIVES = {*OVERSIGHT, *COMMITMENTS, "study"}
OVERSEEING = {"oversee", "lift", "inspect", *OVERSIGHT}
BETWEEN_OFFICES = {"opinion", "send-back", *ASKS, *DECISIONS, *OVERSEEING}
