"""Procedures and outcome categories as they are shipped; an office changes them in the admin."""

from __future__ import annotations

from accounts.models import Role
from casework.models import Stage

# code, name, and per step: stage, code, label, actor, verb, deadline, acknowledge within, outcomes;
# an outcome is code, label, code of the step it leads to or None, how it closes, the deadline of the next step.
STANDARD5 = {
    "code": "standard5",
    "name": "五步法",
    "steps": [
        {
            "stage": Stage.SUBMIT,
            "code": "submit",
            "label": "提出",
            "actor_role": Role.DEPUTY,
            "verb": "提交",
            "deadline": "",
            "outcomes": [("pass", "提交", "review", "", "")],
        },
        {
            "stage": Stage.REVIEW,
            "code": "review",
            "label": "审议",
            "actor_role": Role.STAFF,
            "verb": "审查",
            "deadline": "5WD",
            "outcomes": [
                ("pass", "审查通过", "assign", "", ""),
                ("return", "退回修改", "submit", "", "10D"),
                ("not_registered", "不予立案", None, "not_registered", ""),
            ],
        },
        {
            "stage": Stage.ASSIGN,
            "code": "assign",
            "label": "交办",
            "actor_role": Role.STAFF,
            "verb": "交办",
            "deadline": "5WD",
            "outcomes": [("pass", "交办", "reply", "", "")],
        },
        {
            "stage": Stage.REPLY,
            "code": "reply",
            "label": "反馈",
            "actor_role": Role.UNIT,
            "verb": "答复",
            # 代表法 51: within three months of assignment.
            "deadline": "3M",
            "acknowledge_within": "5WD",
            "outcomes": [("pass", "答复", "rate", "", "")],
        },
        {
            "stage": Stage.RATE,
            "code": "rate",
            "label": "测评",
            "actor_role": Role.DEPUTY,
            "verb": "评价",
            "deadline": "30D",
            "outcomes": [
                ("pass", "评价", None, "rated", ""),
                ("redo", "不满意，重新办理", "reply", "", "1M"),
            ],
        },
    ],
}

PROCEDURES = [STANDARD5]

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
    "imported": "导入办结",
}
