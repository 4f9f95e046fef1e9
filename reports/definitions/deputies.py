"""Deputies: who they are, what they did, how they were trained."""

from __future__ import annotations

from deputies.models import HAN
from reports.definitions.headings import DEPUTIES, DUTIES, TRAINING
from reports.figures import Count, Figure, Rate, Sum
from reports.registers import REPORTED, REPORTED_TOO

REPORTING = Count(
    code="reporting-deputies",
    name="述职人数",
    unit="名",
    heading=DUTIES,
    register="own_seats",
    where={"reported": True},
    definition=f"本级代表中本年度至少有一条类型含“{REPORTED}”或“{REPORTED_TOO}”的履职记录的，一人多次只计一次。",
)
_OWN = Count(
    code="all-own-deputies",
    name="本级代表数",
    unit="名",
    heading=DUTIES,
    register="own_seats",
    definition="12月31日在任的本级人大代表。",
)
_NEW = Count(
    code="new-deputies",
    name="初任代表数",
    unit="名",
    heading=TRAINING,
    register="own_seats",
    where={"is_reelected": False},
    definition="本级代表中不是连任的。",
)
_TRAINED = Count(
    code="trained-new-deputies",
    name="参加过初任培训的初任代表数",
    unit="名",
    heading=TRAINING,
    register="own_seats",
    where={"is_reelected": False, "initially_trained": True},
    definition="初任代表中按姓名登记参加过本级人大初任班的，初任班从本届开始到本年度12月31日举办的都算。",
)

DEPUTY_FIGURES: tuple[Figure, ...] = (
    Count(
        code="deputies",
        name="代表总数",
        unit="名",
        heading=DEPUTIES,
        register="seats",
        definition=(
            "12月31日在任的本级人大代表，加上编入本级代表小组的其他各级在任代表；含暂停执行职务的，不含资格已终止的。"
            "一人在几级任代表的，按各级分别计。"
        ),
    ),
    Count(
        code="own-deputies",
        name="本级代表数",
        unit="名",
        heading=DEPUTIES,
        register="seats",
        where={"own": True},
        definition="代表总数中的本级人大代表，不含编入本级代表小组的其他各级代表。",
    ),
    Count(
        code="women",
        name="女代表数",
        unit="名",
        heading=DEPUTIES,
        register="seats",
        where={"gender": "女"},
        definition="代表总数中性别为女的。",
    ),
    Count(
        code="minorities",
        name="少数民族代表数",
        unit="名",
        heading=DEPUTIES,
        register="seats",
        where={"minority": True},
        definition=f"代表总数中登记了民族且不是{HAN[0]}的；没有登记民族的不计。",
    ),
    Count(
        code="groups",
        name="代表小组数",
        unit="个",
        heading=DEPUTIES,
        register="groups",
        definition="12月31日在任届次的代表小组。",
    ),
    Count(
        code="duty-records",
        name="履职记录数",
        unit="条",
        heading=DUTIES,
        register="duties",
        definition="履职台账中日期在本年度内的记录，含由建议议案、培训、接待登记自动记入的。",
    ),
    Count(
        code="activities",
        name="参加活动人次",
        unit="人次",
        heading=DUTIES,
        register="duties",
        where={"activity": True},
        definition="履职记录数中来源为“活动”的，一名代表参加一次活动计一人次。",
    ),
    REPORTING,
    Rate(
        code="reporting-rate",
        name="述职率",
        unit="%",
        heading=DUTIES,
        numerator=REPORTING,
        denominator=_OWN,
        definition="述职人数÷本级代表数×100，保留一位小数；没有本级代表时不计算。",
    ),
    Count(
        code="trainings",
        name="培训班次",
        unit="班",
        heading=TRAINING,
        register="trainings",
        definition="开始日期在本年度内的培训班。",
    ),
    Sum(
        code="trainees",
        name="培训人次",
        unit="人次",
        heading=TRAINING,
        register="trainings",
        column="attended",
        definition="本年度各培训班实到人次之和，含代表以外的参训人员。",
    ),
    Rate(
        code="initial-training-rate",
        name="初任培训覆盖率",
        unit="%",
        heading=TRAINING,
        numerator=_TRAINED,
        denominator=_NEW,
        definition=(
            "本级代表中不是连任的为初任代表；按姓名登记参加过本级人大初任班（从本届开始到本年度12月31日举办）的人数"
            "÷初任代表数×100，保留一位小数；没有初任代表时不计算。"
        ),
    ),
)
