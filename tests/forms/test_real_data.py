"""The real files, through the forms: their errors are exactly those that they have, and corrected they are in."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.db.models import Count, Q

from bodies.models import Congress, Unit
from deputies.models import HAN, Person, Seat
from proposals.models import Assignment, AssignmentRole, Proposal, Reply
from tests import real_data
from tests.forms.support import counts, errors, exported, run, run_file, tables

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _data():
    real_data.need_data()


@pytest.fixture
def city():
    call_command(
        "setup_congress", "--code", "330282", "--name", "慈溪市", "--level", "县", "--term", "第十七届",
        "--from", "2017-01-01", "--to", "2021-12-31",
    )  # fmt: skip
    congress = Congress.objects.get()
    assert counts(run("units", *real_data.units(), congress=congress)) == "新增 194、更新 0、未变 0"
    assert counts(run("deputies", *real_data.city_deputies(), congress=congress)) == "新增 195、更新 0、未变 0"
    return congress


@pytest.fixture
def nation():
    call_command(
        "setup_congress", "--code", "000000", "--name", "全国", "--level", "全国", "--term", "第十四届",
        "--from", "2023-03-05", "--to", "2028-03-04",
    )  # fmt: skip
    return Congress.objects.get()


def test_the_suggestions_have_just_the_errors_that_they_have(city, tmp_path, capsys):
    before = tables()
    file = real_data.write_xlsx(tmp_path / "suggestions.xlsx", real_data.suggestions())
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        call_command("import_data", "proposals", str(file))
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 1
    assert [line for line in lines if line.startswith("表")] == [
        "表 Sheet1 第 2 行 提出日期「」：不能为空",
        "表 Sheet1 第 224 行 编号「221」：与单元格 A223 重复，同一张表里只能出现一次",
    ]
    assert lines[-1] == "共 2 处错误，没有导入任何数据"
    assert [line.split("「")[0] for line in lines[2:-1]] == ["提示 B33 标题", "提示 B223 标题", "提示 B287 标题"]
    assert tables() == before


def test_corrected_the_suggestions_are_in_and_count_what_the_file_counts(city):
    rows = real_data.suggestions(corrected=True)
    result = run("proposals", *rows, congress=city)
    assert counts(result) == "新增 287、更新 0、未变 0"
    assert [hint.split("「")[1].split("」")[0] for hint in result.hints] == [
        "关于加强老小区物业管理和业主委工作的建议",
        "关于对城市网线进行整改的建议",
        "关于在观海卫镇湖滨路段安装电子超载监控的建议",
    ]
    assert counts(run("proposals", *rows, congress=city)) == "新增 0、更新 0、未变 287"
    leads = Assignment.objects.filter(role=AssignmentRole.LEAD).values_list("unit__name").annotate(Count("pk"))
    named = {name.replace(")", "）"): number for name, number in leads}
    assert named == Counter(row["主办单位"].replace(")", "）") for row in rows if row["主办单位"])
    categories = Proposal.objects.values_list("category__name").annotate(Count("pk"))
    assert dict(categories) == Counter(row["类别"] for row in rows)
    assert Proposal.objects.filter(form="bill").count() == 1
    assert Proposal.objects.filter(period="in_recess").count() == 2
    assert dict(Reply.objects.values_list("outcome__code").annotate(Count("pk"))) == {"A": 3, "B": 16, "C": 3}
    assert dict(Proposal.objects.values_list("step__code").annotate(Count("pk"))) == {
        "review": 1, "assign": 3, "reply": 261, "rate": 22,
    }  # fmt: skip
    most = Proposal.objects.annotate(n=Count("rounds__assignments", filter=Q(rounds__assignments__role="assist")))
    assert max(most.values_list("n", flat=True)) == 10


def test_what_was_imported_comes_back_from_its_export(city):
    run("proposals", *real_data.suggestions(corrected=True), congress=city)
    for kind, records, number in (
        ("units", Unit.objects.all(), 194),
        ("deputies", Seat.objects.all(), 195),
        ("proposals", Proposal.objects.all(), 287),
    ):
        assert counts(run_file(kind, exported(kind, records), congress=city)) == f"新增 0、更新 0、未变 {number}"


def test_the_national_roster_has_one_error_and_without_it_is_in(nation, tmp_path):
    before = tables()
    refused = run("deputies", *real_data.national_deputies(), congress=nation)
    assert errors(refused) == ["表 Sheet1 第 1331 行 姓名「王永红」：与单元格 B1325 重复，同一张表里只能出现一次"]
    assert [hint.split("：")[0] for hint in refused.hints] == ["提示 B1330 姓名「王天宇」", "提示 B2387 姓名「拉琼」"]
    assert tables() == before
    rows = real_data.national_deputies(corrected=True)
    file = real_data.write_csv(tmp_path / "名册.csv", rows, encoding="gb18030")
    assert counts(run_file("deputies", file, congress=nation)) == "新增 2952、更新 0、未变 0"
    people = Person.objects.filter(seats__term__congress=nation)
    assert people.count() == 2952
    assert people.filter(gender="女").count() == 788
    assert people.exclude(ethnicity="").exclude(ethnicity__in=HAN).count() == 438
    assert sum(person.is_minority for person in people) == 438
    assert Seat.objects.values("delegation").distinct().count() == 35
    assert counts(run_file("deputies", file, congress=nation)) == "新增 0、更新 0、未变 2952"
