import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tests.workbooks.group_admin import Groups
from tests.workbooks.people import book
from workbooks.columns import register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def groups(monkeypatch):
    monkeypatch.setattr("workbooks.columns._forms", {})
    return register(Groups())


@pytest.fixture
def run(capsys):
    def run(*arguments):
        try:
            call_command("import_data", *map(str, arguments))
            status = 0
        except SystemExit as end:
            status = end.code
        return status, capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def file(tmp_path):
    def file(*rows):
        path = tmp_path / "小组.xlsx"
        path.write_bytes(book([["小组名称", "人数"], *rows]).getvalue())
        return path

    return file


def test_success_prints_one_line_and_again_nothing_is_new(run, file):
    path = file(["一组", 3], ["二组", 4])
    assert run("groups", path, "--congress", "340100") == (0, ["groups: 新增 2、更新 0、未变 0"])
    assert run("groups", path, "--congress", "340100") == (0, ["groups: 新增 0、更新 0、未变 2"])
    assert set(Group.objects.values_list("name", flat=True)) == {"合肥市一组", "合肥市二组"}


def test_a_dry_run_prints_the_same_and_writes_nothing(run, file):
    verdict = (0, ["groups: 新增 1、更新 0、未变 0"])
    assert run("groups", file(["一组", 3]), "--congress", "340100", "--dry-run") == verdict
    assert Group.objects.count() == 0


def test_errors_come_one_a_line_then_a_count_and_a_marked_copy(run, file, tmp_path):
    copy = tmp_path / "错误.xlsx"
    status, lines = run("groups", file(["一组", 3], ["", "多"]), "--congress", "340100", "--errors-to", copy)
    assert (status, lines) == (
        1,
        [
            "表 Sheet1 第 3 行 小组名称「」：不能为空",
            "表 Sheet1 第 3 行 人数「多」：应为整数",
            "共 2 处错误，没有导入任何数据",
        ],
    )
    assert openpyxl.load_workbook(copy).active["C3"].value == "小组名称：不能为空；人数：应为整数"
    assert Group.objects.count() == 0


def test_without_errors_there_is_no_marked_copy(run, file, tmp_path):
    copy = tmp_path / "错误.xlsx"
    assert run("groups", file(["一组", 3]), "--congress", "340100", "--errors-to", copy)[0] == 0
    assert not copy.exists()


def test_a_marked_copy_that_cannot_be_written_takes_nothing_from_the_verdict(run, file, tmp_path):
    status, lines = run(
        "groups", file([1, "x"]), "--congress", "340100", "--errors-to", tmp_path / "没有" / "错误.xlsx"
    )
    assert (status, len(lines)) == (1, 2)


def test_hints_come_before_the_count(run, tmp_path):
    path = tmp_path / "小组.csv"
    path.write_bytes("小组名称,序号\n一组,1\n".encode("gbk"))
    assert run("groups", path, "--congress", "340100") == (
        0,
        ["提示 没有用到的列：序号", "groups: 新增 1、更新 0、未变 0"],
    )


def test_the_body_may_be_left_out_when_there_is_only_one(run, file, groups, monkeypatch):
    assert run("groups", file(["一组"])) == (1, ["有几个人大，请用 --congress 指定一个"])
    monkeypatch.setattr(groups, "bodies", groups.bodies[:1])
    assert run("groups", file(["一组"])) == (0, ["groups: 新增 1、更新 0、未变 0"])


def test_what_cannot_be_begun_says_so_in_one_line(run, file, tmp_path):
    path = file(["一组"])
    assert run("票据", path) == (1, ["没有名为“票据”的表，可用的有：groups（代表小组）"])
    assert run("groups", path, "--congress", "1") == (1, ["没有代码为 1 的人大"])
    assert run("groups", tmp_path / "x.xlsx", "--congress", "340100") == (1, [f"找不到文件 {tmp_path}/x.xlsx"])
    path.write_bytes(b"")
    assert run("groups", path, "--congress", "340100") == (1, ["文件是空的"])
