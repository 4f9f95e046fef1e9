"""Suggestions and bills: how many, what became of them, how the deputies judged it."""

from __future__ import annotations

from proposals.models import CommitmentState, Grade, Period, ProposalKind
from reports.definitions.headings import COMMITMENTS, HANDLING, PROPOSALS, RATINGS
from reports.figures import Count, Figure, Rate

_YEAR = "提出日期在本年度内的建议和议案"
_LAST = "以最后一轮办理为准"
_JUDGED = f"{_LAST}，联名代表分别评价的按综合评价计"
_COMMITTED = "承诺事项数中"

ANSWERED = Count(
    code="answered",
    name="已答复数",
    unit="件",
    heading=HANDLING,
    register="proposals",
    where={"answered": True},
    definition=f"建议总数中主办单位已经答复的，分办的要各单位都已答复；{_LAST}。",
)
SOLVED = Count(
    code="solved",
    name="已经解决或正在解决数",
    unit="件",
    heading=HANDLING,
    register="proposals",
    where={"answered": True, "solved": True},
    definition="已答复数中办理结果属于“计入已解决或正在解决”分类的；分办的要各单位的结果都属于这些分类。",
)

EXPLAINED = Count(
    code="explained",
    name="解释说明数",
    unit="件",
    heading=HANDLING,
    register="proposals",
    where={"answered": True, "explained": True},
    definition="已答复数中办理结果属于“计入解释说明”分类的；分办结果不同的，按未解决在先、排序靠后的一类计。",
)
RATED = Count(
    code="rated",
    name="已评价数",
    unit="件",
    heading=RATINGS,
    register="proposals",
    where={"grade": (Grade.SATISFIED, Grade.BASICALLY, Grade.DISSATISFIED)},
    definition=f"建议总数中代表对办理结果作出评价的；{_JUDGED}。",
)
CONTENT = Count(
    code="content",
    name="满意和基本满意数",
    unit="件",
    heading=RATINGS,
    register="proposals",
    where={"grade": (Grade.SATISFIED, Grade.BASICALLY)},
    definition="已评价数中评价为满意或者基本满意的。",
)

PROPOSAL_FIGURES: tuple[Figure, ...] = (
    Count(
        code="proposals",
        name="建议总数",
        unit="件",
        heading=PROPOSALS,
        register="proposals",
        definition=f"{_YEAR}，含不予立案的；没有提交的草稿不计。",
    ),
    Count(
        code="bills",
        name="议案数",
        unit="件",
        heading=PROPOSALS,
        register="proposals",
        where={"form": ProposalKind.BILL},
        definition="建议总数中类型为议案的。",
    ),
    Count(
        code="in-session",
        name="大会期间建议数",
        unit="件",
        heading=PROPOSALS,
        register="proposals",
        where={"period": Period.IN_SESSION},
        definition="建议总数中在人民代表大会会议期间提出的，含议案。",
    ),
    Count(
        code="in-recess",
        name="闭会期间建议数",
        unit="件",
        heading=PROPOSALS,
        register="proposals",
        where={"period": Period.IN_RECESS},
        definition="建议总数中在闭会期间提出的，含议案。",
    ),
    ANSWERED,
    SOLVED,
    Rate(
        code="solved-rate",
        name="解决率",
        unit="%",
        heading=HANDLING,
        numerator=SOLVED,
        denominator=ANSWERED,
        definition="已经解决或正在解决数÷已答复数×100，保留一位小数；已答复数为0时不计算。",
    ),
    EXPLAINED,
    Rate(
        code="explained-rate",
        name="解释说明率",
        unit="%",
        heading=HANDLING,
        numerator=EXPLAINED,
        denominator=ANSWERED,
        definition="解释说明数÷已答复数×100，保留一位小数；已答复数为0时不计算。",
    ),
    Count(
        code="overdue",
        name="逾期数",
        unit="件",
        heading=HANDLING,
        register="proposals",
        where={"late": True},
        definition="建议总数中任何一轮答复晚于答复期限的，以及到统计日已过期限还没有答复的（已办结的除外）；协办不计。",
    ),
    Count(
        code="satisfied",
        name="满意数",
        unit="件",
        heading=RATINGS,
        register="proposals",
        where={"grade": Grade.SATISFIED},
        definition=f"建议总数中代表对办理结果评价为满意的；{_JUDGED}，新一轮还没有评价的不计。",
    ),
    Count(
        code="basically-satisfied",
        name="基本满意数",
        unit="件",
        heading=RATINGS,
        register="proposals",
        where={"grade": Grade.BASICALLY},
        definition=f"建议总数中代表对办理结果评价为基本满意的；{_JUDGED}。",
    ),
    Count(
        code="dissatisfied",
        name="不满意数",
        unit="件",
        heading=RATINGS,
        register="proposals",
        where={"grade": Grade.DISSATISFIED},
        definition=f"建议总数中代表对办理结果评价为不满意的；{_JUDGED}，已经重新办理的按新一轮的评价计。",
    ),
    RATED,
    CONTENT,
    Rate(
        code="satisfaction-rate",
        name="满意率",
        unit="%",
        heading=RATINGS,
        numerator=CONTENT,
        denominator=RATED,
        definition="满意和基本满意数÷已评价数×100，保留一位小数；没有评价的（含未评价办结的）不进分母，已评价数为0时不计算。",
    ),
    Count(
        code="unrated",
        name="未评价办结数",
        unit="件",
        heading=RATINGS,
        register="proposals",
        where={"closed_as": "unrated"},
        definition="建议总数中代表超过评价期限没有评价而办结的，不进满意率的分母。",
    ),
    Count(
        code="commitments",
        name="承诺事项数",
        unit="项",
        heading=COMMITMENTS,
        register="commitments",
        definition="建议总数各件中承办单位承诺解决的事项，不论何时承诺，一件有几项的分别计。",
    ),
    Count(
        code="commitments-kept",
        name="承诺落实数",
        unit="项",
        heading=COMMITMENTS,
        register="commitments",
        where={"state": CommitmentState.KEPT},
        definition=f"{_COMMITTED}已经核实落实的，不论是否按期。",
    ),
    Count(
        code="commitments-overdue",
        name="承诺逾期数",
        unit="项",
        heading=COMMITMENTS,
        register="commitments",
        where={"overdue": True},
        definition=f"{_COMMITTED}到统计日已过完成期限、还在落实的；已申报落实、等待核实的和已认定不能落实的不计。",
    ),
)
