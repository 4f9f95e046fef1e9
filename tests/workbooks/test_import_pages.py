import io
import os
import re
import stat
import time

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Entry
from tests.factories import UserFactory
from tests.workbooks.group_admin import Groups
from tests.workbooks.people import book
from workbooks import uploads
from workbooks.columns import register
from workbooks.importing import run_import
from workbooks.tasks import sweep_uploads

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workbooks.group_admin")]

LIST = "/groups/auth/group/"
IMPORT = LIST + "import/"


@pytest.fixture(autouse=True)
def groups(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("workbooks.columns._forms", {})
    settings.VAR = tmp_path
    return register(Groups())


@pytest.fixture
def staff(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_group"))
    client.force_login(user)
    return client


def upload(*rows, name="小组.xlsx", header=("小组名称", "人数")):
    return SimpleUploadedFile(name, book([list(header), *rows]).getvalue())


def check(client, file, congress="340100"):
    return client.post(IMPORT, {"file": file, "congress": congress})


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def token(response):
    return re.search(r'name="token" value="([^"]+)"', text(response))[1]


def kept(tmp_path):
    return list((tmp_path / "uploads").iterdir())


def content(response):
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def test_the_list_has_the_three_doors(staff):
    page = text(staff.get(LIST + "?q=x"))
    assert f'<a href="{IMPORT}">导入</a>' in page
    assert f'<a href="{LIST}export/?q=x">导出</a>' in page
    assert f'<a href="{LIST}template/">下载模板</a>' in page


def test_check_then_confirm(staff, tmp_path):
    checked = check(staff, upload(["一组", 3]))
    assert "检查通过，还没有写入。导入后将：新增 1、更新 0、未变 0。" in text(checked)
    assert (Group.objects.count(), len(kept(tmp_path))) == (0, 1)
    done = staff.post(IMPORT, {"token": token(checked), "apply": "确认导入"})
    assert (done.status_code, done["Location"]) == (302, LIST)
    assert "代表小组已导入：新增 1、更新 0、未变 0" in text(staff.get(LIST))
    assert list(Group.objects.values_list("name", flat=True)) == ["合肥市一组"]
    assert kept(tmp_path) == []


def test_confirming_twice_tells_so(staff):
    checked = check(staff, upload(["一组", 3]))
    staff.post(IMPORT, {"token": token(checked)})
    again = staff.post(IMPORT, {"token": token(checked)}, follow=True)
    assert "上传的文件已过期或已经处理过，请重新上传" in text(again)
    assert Group.objects.count() == 1


def test_errors_are_listed_and_can_be_taken_home(staff):
    checked = check(staff, upload(["一组", "<script>"], ["", 3]))
    page = text(checked)
    assert "共 2 处错误，没有导入任何数据。请在文件中改正后重新上传。" in page
    assert "<td>&lt;script&gt;</td>" in page
    assert "应为整数" in page
    assert "确认导入" not in page
    copy = staff.post(IMPORT, {"token": token(checked), "marked": "1"})
    assert (
        "%E5%B0%8F%E7%BB%84%EF%BC%88%E9%94%99%E8%AF%AF%E8%AF%B4%E6%98%8E%EF%BC%89.xlsx" in copy["Content-Disposition"]
    )
    assert [cell.value for cell in content(copy).active["C"]] == ["错误说明", "人数：应为整数", "小组名称：不能为空"]


def test_a_confirmed_file_that_has_become_wrong_is_shown_again(staff, groups, monkeypatch):
    checked = check(staff, upload(["一组", 3]))
    monkeypatch.setattr(groups, "resolve", lambda rows, context: rows[0].error("name", "小组已撤销"))
    page = text(staff.post(IMPORT, {"token": token(checked)}))
    assert "小组已撤销" in page
    assert Group.objects.count() == 0


def test_many_errors_are_cut_on_the_page(staff):
    page = text(check(staff, upload(*[["", number] for number in range(203)])))
    assert page.count("<td>不能为空</td>") == 200
    assert "另有 3 处错误没有列出" in page


def test_hints_are_shown(staff):
    assert "提示 没有用到的列：序号" in text(check(staff, upload(["一组", 3, 1], header=("小组名称", "人数", "序号"))))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (SimpleUploadedFile("名册.xlsx", b"%PDF-1.7"), "这是 PDF 文件，不是表格文件"),
        (SimpleUploadedFile("名册.xlsx", b""), "文件是空的，请重新选择"),
        (SimpleUploadedFile("名" * 80 + ".csv", "甲,乙\n".encode("gbk")), "里没有找到表头（小组名称 等列名）"),
        ("", "请选择要导入的文件"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_form(staff, file, message, tmp_path):
    assert message in text(check(staff, file))
    assert not (tmp_path / "uploads").exists() or kept(tmp_path) == []


def test_a_file_over_the_limit_is_refused(staff, monkeypatch):
    monkeypatch.setattr("workbooks.admin.MAX_BYTES", 1024 * 1024)
    assert "文件超过 1 MB，请分成几个文件" in text(check(staff, SimpleUploadedFile("a.csv", b"x" * 1024 * 1025)))


@pytest.mark.parametrize("congress", ["", "999", "340100'"])
def test_the_body_must_be_one_of_those_offered(staff, congress):
    page = text(check(staff, upload(["一组", 3]), congress=congress))
    assert 'class="form-row errors"' in page
    assert "检查通过" not in page


def test_with_one_body_nothing_is_asked(staff, groups, monkeypatch):
    monkeypatch.setattr(groups, "bodies", groups.bodies[1:])
    assert 'name="congress"' not in text(staff.get(IMPORT))
    staff.post(IMPORT, {"token": token(staff.post(IMPORT, {"file": upload(["一组", 3])}))})
    assert list(Group.objects.values_list("name", flat=True)) == ["瑶海区一组"]


@pytest.mark.parametrize("bad", ["", "x", "a:b:c", "\0", "1" * 10_000])
def test_a_made_up_token_opens_nothing(staff, bad):
    assert "请重新上传" in text(staff.post(IMPORT, {"token": bad}, follow=True))


def test_a_token_works_only_for_its_user_and_form(staff, client, rf):
    checked = check(staff, upload(["一组", 3]))
    owner = get_user_model().objects.get()
    other = UserFactory(is_staff=True)
    other.user_permissions.set(owner.user_permissions.all())
    client.force_login(other)
    assert "请重新上传" in text(client.post(IMPORT, {"token": token(checked)}, follow=True))
    with pytest.raises(uploads.UploadGone):
        uploads.find(token(checked), user_id=owner.pk, kind="deputies")
    assert uploads.find(token(checked), user_id=owner.pk, kind="groups").name == "小组.xlsx"
    assert Group.objects.count() == 0


def test_kept_files_are_private_and_go_after_a_day_without_another_upload(tmp_path):
    old = uploads.keep(upload(["一组", 3]), user_id=1, kind="groups")
    assert stat.S_IMODE(old.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(old.path.parent.stat().st_mode) == 0o700
    before = time.time() - uploads.KEPT_SECONDS - 1
    os.utime(old.path, (before, before))
    new = uploads.keep(upload(["一组", 3]), user_id=1, kind="groups", congress="340100")
    sweep_uploads()
    assert kept(tmp_path) == [new.path]


def test_the_export_shows_what_the_list_shows_and_imports_again(staff, groups):
    Group.objects.bulk_create([Group(name="合肥市一组"), Group(name="合肥市二组"), Group(name="别的")])
    sheet = content(staff.get(LIST + "export/?q=合肥")).active
    *lines, (who, _) = [[cell.value for cell in row] for row in sheet]
    assert lines == [["小组名称", "人数"], ["合肥市一组", None], ["合肥市二组", None]]
    assert re.fullmatch(r"【导出记录】用户\d+（user\d+） \d{4}-\d\d-\d\d \d\d:\d\d 导出，共 2 条", who)
    assert Entry.objects.filter(kind="export").values_list("object_label", "details").get() == ("代表小组", {"rows": 2})


def test_more_than_a_sheet_holds_is_not_exported_but_explained(staff, groups, monkeypatch):
    monkeypatch.setattr("workbooks.admin.MAX_EXPORTED", 1)
    Group.objects.bulk_create([Group(name="合肥市一组"), Group(name="合肥市二组")])
    page = text(staff.get(LIST + "export/", follow=True))
    assert "共有 2 条，一个表格最多 1 条，没有导出。请在列表中筛选后再分几次导出。" in page
    assert content(staff.get(LIST + "export/?q=一组")).active.max_row == 3


def test_the_template_can_be_filled_and_imported(staff, groups):
    file = content(staff.get(LIST + "template/"))
    assert file["选项"]["A1"].value == "合肥市"
    file["代表小组"].append(["一组", 3])
    out = io.BytesIO()
    file.save(out)
    result = run_import(groups, out, context="合肥市")
    assert (result.hints, result.summary()) == (["提示 模板自带的示例已跳过"], "groups: 新增 1、更新 0、未变 0")


@pytest.mark.parametrize("page", ["import/", "export/", "template/"])
def test_who_may_not_is_kept_out(client, page):
    assert client.get(LIST + page).status_code == 302
    client.force_login(get_user_model().objects.create_user("clerk", password="p", is_staff=True))
    assert client.get(LIST + page).status_code == 403
    assert client.post(IMPORT, {"file": upload(["一组", 3]), "congress": "340100"}).status_code == 403
    assert Group.objects.count() == 0


def test_no_page_has_inline_script_or_style(staff):
    for page in [text(staff.get(IMPORT)), text(check(staff, upload(["", 3]))), text(check(staff, upload(["一组", 3])))]:
        main = page.partition('id="content-main"')[2]
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*src=)", main)
