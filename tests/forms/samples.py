"""For every form one good row, and where it goes wrong: whoever adds a form adds one entry here."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.db.models import Model

from appointments.models import Appointment
from bodies.models import Unit
from deputies.models import Seat
from duties.models import DutyRecord
from liaison_stations.models import Reception, Station
from proposals.models import Proposal
from tests.forms.support import counts, run
from tests.standing import standing
from tests.world import World
from training.models import TrainingClass

DAY = "2023-02-01"


@dataclass(frozen=True)
class Sample:
    """A row that imports into the `stocked` county: cells that read the same in full-width digits.

    `named` is the column whose text makes it another row, found as `field` of `model`, whose records the form exports;
    `wrong` a column and a cell that make exactly one error; `day` a column of dates in which `DAY` stands.
    """

    row: Mapping[str, str]
    named: str
    model: type[Model]
    field: str
    wrong: tuple[str, str]
    day: str = ""

    def rows(self, number: int) -> list[dict[str, str]]:
        """So many rows of which each is another record."""
        return [self.row | {self.named: f"好的第{i + 1}"} for i in range(number)]

    def names(self) -> set[str]:
        """What stands in the named column of the records that there are."""
        return set(self.model.objects.values_list(self.field, flat=True))


SAMPLES = {
    "appointments": Sample(
        {"姓名": "王芳", "职务": "县水利局局长", "事项": "任命", "日期": DAY, "应到": "30", "赞成": "28"},
        named="职务",
        model=Appointment,
        field="post",
        wrong=("事项", "任职"),
        day="日期",
    ),
    "deputies": Sample(
        {"姓名": "王芳", "性别": "女", "代表团": "城关代表团", "出生年月": "1970.05"},
        named="姓名",
        model=Seat,
        field="person__name",
        wrong=("性别", "未知"),
    ),
    "duty_records": Sample(
        {"代表": "张三", "日期": DAY, "类型": "视察", "主题": "视察校车", "数量": "2", "来源": "本人"},
        named="主题",
        model=DutyRecord,
        field="topic",
        wrong=("日期", "去年"),
        day="日期",
    ),
    "proposals": Sample(
        {"标题": "关于增设校车的建议", "领衔代表": "李春梅", "提出日期": DAY},
        named="标题",
        model=Proposal,
        field="title",
        wrong=("提出日期", "去年"),
        day="提出日期",
    ),
    "receptions": Sample(
        {"联络站": "示例联络站（请覆盖）", "日期": DAY, "接待代表": "张三", "事项": "路灯损坏", "处理方式": "转办"},
        named="事项",
        model=Reception,
        field="matter",
        wrong=("处理方式", "研究"),
        day="日期",
    ),
    "stations": Sample(
        {"名称": "城关联络站", "所属乡镇": "城关镇", "类型": "联络站", "编入代表": "张三、李四"},
        named="名称",
        model=Station,
        field="name",
        wrong=("类型", "驿站"),
    ),
    "trainings": Sample(
        {"班次": "初任培训班", "类型": "初任", "开始日期": DAY, "实到人次": "118"},
        named="班次",
        model=TrainingClass,
        field="name",
        wrong=("实到人次", "很多"),
        day="开始日期",
    ),
    "units": Sample(
        {"单位名称": "县水利局", "排序": "3"}, named="单位名称", model=Unit, field="name", wrong=("排序", "三")
    ),
}

each_kind = pytest.mark.parametrize("kind", sorted(SAMPLES))


def stock(world: World) -> World:
    """Give the county what rows of forms name: three deputies beside its own, and a station."""
    # A cell more tells the first of each from the template's sample row, which an import leaves out.
    deputies = [
        {"姓名": name, "性别": "男", "代表团": "第一代表团", "民族": "回族"} for name in ("张三", "李四", "王五")
    ]
    assert counts(run("deputies", *deputies, congress=world.congress)) == "新增 3、更新 0、未变 0"
    station = {"名称": "示例联络站（请覆盖）", "所属乡镇": "城关镇", "类型": "代表之家"}
    assert counts(run("stations", station, congress=world.congress)) == "新增 1、更新 0、未变 0"
    return world


# The county with what the rows of the samples name.
stocked = standing("stocked", stock)
