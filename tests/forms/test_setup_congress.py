import pytest
from django.core.management import call_command

from bodies.models import Congress, Term
from casework.models import CalendarDay, CalendarYear, Procedure
from tests.forms.support import tables

pytestmark = pytest.mark.django_db

HEFEI = {
    "code": "340100", "name": "合肥市", "level": "市", "term": "第十六届", "from": "2018-01-01", "to": "2022-12-31",
}  # fmt: skip


@pytest.fixture
def setup(capsys):
    def setup(**changed):
        options = {**HEFEI, **changed}
        arguments = [part for key, value in options.items() if value is not None for part in (f"--{key}", value)]
        try:
            call_command("setup_congress", *arguments)
            status = 0
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return status, out + err

    return setup


def test_it_makes_the_congress_with_all_that_its_first_proposal_needs(setup):
    assert setup() == (0, "已建立 合肥市（市，代码 340100）第十六届，2018-01-01至2022-12-31。\n")
    term = Term.objects.get()
    assert (term.congress.get_level_display(), str(term.starts_on), str(term.ends_on)) == (
        "市",
        "2018-01-01",
        "2022-12-31",
    )
    assert list(term.outcome_categories.values_list("code", "name")) == [
        ("A", "已经解决"),
        ("B", "正在解决"),
        ("C", "解释说明"),
        ("D", "留作参考"),
    ]
    assert Procedure.objects.filter(code="standard5", is_active=True).exists()
    assert CalendarYear.objects.filter(year=2018).exists()
    assert CalendarDay.objects.filter(day="2018-10-01", kind="rest").exists()


def test_again_changes_nothing_and_says_so(setup):
    setup()
    before = tables()
    assert setup() == (0, "合肥市（市，代码 340100）第十六届已经存在，2018-01-01至2022-12-31，没有改动。\n")
    assert tables() == before


def test_a_second_term_and_a_lower_congress(setup):
    setup()
    assert setup(term="第十七届", **{"from": "2023-01-01", "to": "2027-12-31"})[0] == 0
    assert setup(code="340102", name="瑶海区", level="县", parent="340100")[0] == 0
    assert Congress.objects.get(code="340102").parent.name == "合肥市"
    assert Term.objects.filter(congress__code="340100").count() == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"level": "区"}, "层级「区」无法识别：只能是 全国、省、市、县、乡。"),
        ({"level": None, "to": None}, "缺少 --level、--to。"),
        ({"from": "2018年"}, "--from「2018年」：不是日期，请写成 2026-03-05。"),
        ({"to": "2018-02-30"}, "--to「2018-02-30」：没有这一天，请核对年月日。"),
        ({"to": "2017-12-31"}, "届次的结束日期应当晚于开始日期。"),
        ({"parent": "34"}, "上级代码「34」不存在"),
        ({"name": "长" * 101}, "--name 有 101 个字，最多 100 个字。"),
        ({"code": " "}, "缺少 --code。"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(setup, changed, message):
    before = tables()
    status, said = setup(**changed)
    assert status == 1
    assert message in said
    assert said.count("\n") == 1
    assert tables() == before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "芜湖市"}, "代码「340100」已经是「合肥市」"),
        ({"to": "2023-12-31"}, "起止日期为2018-01-01至2022-12-31"),
        (
            {"term": "第十七届", "from": "2022-06-01", "to": "2027-05-31"},
            "与第十六届（2018-01-01至2022-12-31）时间重叠",
        ),
        ({"code": "340102", "name": "瑶海区", "level": "省", "parent": "340100"}, "层级应当高于省"),
    ],
)
def test_what_contradicts_the_stored_congress_is_refused(setup, changed, message):
    setup()
    before = tables()
    status, said = setup(**changed)
    assert (status, message in said, said.count("\n")) == (1, True, 1), said
    assert tables() == before
