"""Every page of every register: it opens, it is Chinese throughout, and it keeps to the strict security policy."""

import io
import re

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.admin_site import GROUPS
from accounts.models import Membership, Role, User
from appointments.models import Appointment
from bodies.models import Congress, Meeting, Term, Township, Unit
from casework.models import CalendarDay, CalendarYear, Event, Obligation, Procedure, Step
from deputies.models import Delegation, DeputyGroup, GroupMember, Person, Seat
from duties.models import DutyRecord, DutyType
from liaison_stations.models import OpinionItem, Reception, Station
from notices.models import Digest, Notice
from proposals.models import (
    Arrangement,
    Assignment,
    Category,
    HandlingRound,
    HandlingRules,
    OutcomeCategory,
    Proposal,
)
from tests import factories as make
from tests.admin.conftest import REGISTERS, Registers, digest, draft_procedure, new_registers, submitted, url
from tests.world import World
from training.models import TrainingClass

# What a user reads: text between tags, and attributes that are shown or spoken.
INVISIBLE = re.compile(r"<(script|style|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN = re.compile(r"\b(?:title|placeholder|alt|aria-label|value|data-[a-z-]+)=\"([^\"]*)\"")
ENGLISH = re.compile(
    r"\b(Add|Change|Delete|Search|Home|View|Save|History|Filter|Action|Select|Close|Show|All|Any|Yes|No|None|Log out|"
    r"Today|Now|Today|Clear|Name|Date|Time|User|Type|Welcome|Site|Remove|Another|Import|Export|Submit|Back|Error|True|False|"
    r"Constraint|Please|This|The)\b|[A-Za-z]{2,} [a-z]{2,}"
)
INLINE = re.compile(r"<[^>]+\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<style\b", re.IGNORECASE)


def leftovers(html: str) -> list[str]:
    shown = INVISIBLE.sub(" ", html)
    texts = [*re.split(r"<[^>]*>", shown), *SPOKEN.findall(shown)]
    return sorted({text.strip() for text in texts if ENGLISH.search(text)})


def check(html: str, where: str) -> None:
    assert leftovers(html) == [], where
    assert INLINE.findall(html) == [], where
    assert INLINE_SCRIPT.findall(html) == [], where
    assert INLINE_STYLE.findall(html) == [], where


def test_the_checks_find_what_they_look_for() -> None:
    assert leftovers('<p title="Add another">好</p><b>Home</b><script>No</script>') == ["Add another", "Home"]
    assert leftovers("<p>若停用 will be lost</p>") == ["若停用 will be lost"]
    assert INLINE.search('<a onclick="x()">')
    assert INLINE.search('<p class="a" style="color:red">')
    assert INLINE_SCRIPT.search("<script>")
    assert not INLINE_SCRIPT.search('<script defer src="a.js">')


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model.__name__)
def test_every_page_opens_in_chinese_without_inline_code(registers: Registers, model: type[Model]) -> None:
    opened = 0
    for role in ("staff", "leader", "administrator", "auditor"):
        client, own = registers.client(role), registers.own[model].pk
        pages = [
            url(model, "changelist"),
            url(model, "changelist") + "?q=没有这个词",
            url(model, "changelist") + "?_popup=1",
            url(model, "add"),
            url(model, "change", own),
            url(model, "delete", own),
            url(model, "history", own),
            url(model, "print"),
        ]
        for page in pages:
            response = client.get(page)
            if response.status_code in (403, 404):
                continue
            # Where a list has no search box, searching it leads back to the list.
            assert response.status_code == 200 or (response.status_code == 302 and "q=" in page), (role, page)
            check(response.content.decode(), f"{role} {page}")
            opened += 1
        if client.get(url(model, "add")).status_code == 200:
            response = client.post(url(model, "add"), {})
            assert response.status_code == 200
            assert "errornote" in response.content.decode()
            check(response.content.decode(), f"{role} {model.__name__} empty form")
    assert opened >= 4


def test_index_groups_and_app_pages(registers: Registers) -> None:
    found = {}
    for role in ("staff", "leader", "administrator"):
        client = registers.client(role)
        response = client.get(reverse("admin:index"))
        check(response.content.decode(), role)
        found[role] = {app["name"]: [model["name"] for model in app["models"]] for app in response.context["app_list"]}
        assert [app["name"] for app in response.context["app_list"]][-1] == "系统"
        for app in response.context["app_list"]:
            if app["app_label"] != "reports":
                check(client.get(app["app_url"]).content.decode(), app["app_url"])
    assert found["staff"] == {
        "人员与代表": ["代表", "人员", "代表团", "代表小组"],
        "建议议案": ["建议议案", "建议类别", "办理结果分类", "办理安排", "办理规则"],
        "履职与培训": ["履职记录", "履职类型", "培训班次"],
        "人事任免": ["任免事项", "常委会会议"],
        "联络站": ["联络站", "接待登记", "社情民意"],
        "机构与届次": ["承办单位", "专委会（工委）", "乡镇（街道）", "人大", "届次"],
        "系统": [
            "用户",
            "办理程序",
            "已公布年份",
            "节假日",
            "待办事项",
            "办理记载",
            "提醒",
            "每日提醒汇总",
            "提醒用语",
        ],
        "报表": ["年度报表"],
    }
    system = [name for name in found["staff"]["系统"] if name != "用户"]
    assert found["leader"] == found["staff"] | {"系统": system}
    assert found["administrator"] == {
        "建议议案": ["办理规则"],
        "机构与届次": ["承办单位", "专委会（工委）", "人大", "届次"],
        "系统": ["用户", "办理程序", "已公布年份", "节假日"],
    }


def test_every_register_has_its_place_on_the_index() -> None:
    placed = [label for _, registers in GROUPS for label in registers]
    # A step is reached from its procedure.
    assert sorted([*placed, "casework.Step"]) == sorted(model._meta.label for model in REGISTERS)


def test_index_counts_what_the_user_may_see(registers: Registers) -> None:
    client = registers.client("staff")
    groups = client.get(reverse("admin:index")).context["app_list"]
    counts = {model["name"]: model.get("count") for group in groups for model in group["models"]}
    assert (counts["代表"], counts["承办单位"], counts["履职类型"]) == (
        Seat.objects.visible_to(registers.users["staff"]).count(),
        3,
        DutyType.objects.filter(congress=registers.own[Congress]).count(),
    )
    assert counts["办理记载"] is None


def test_calendar_of_date_fields_is_chinese(registers: Registers) -> None:
    catalog = registers.client("staff").get(reverse("admin:jsi18n")).content.decode()
    assert '"one letter Monday\\u0004M": "\\u4e00"' in catalog


def test_password_pages_and_saved_messages_are_chinese(registers: Registers) -> None:
    client = registers.client("staff")
    page = reverse("admin:auth_user_password_change", args=[registers.users["deputy"].pk])
    check(client.get(page).content.decode(), page)
    assert "禁用" not in client.get(page).content.decode()
    empty = client.post(page, {})
    check(empty.content.decode(), page)
    assert empty.content.decode().count("请填写这一项。") == 2
    response = client.post(page, {"password1": "云溪之水天上来9a", "password2": "云溪之水天上来9a"}, follow=True)
    check(response.content.decode(), page)
    assert User.objects.get(username="deputy").check_password("云溪之水天上来9a")
    response = client.post(url(Category, "change", registers.own[Category].pk), {
        "congress": registers.users["staff"].hat.congress_id, "name": "农业农村", "sort": 3, "_continue": "1",
    }, follow=True)  # fmt: skip
    check(response.content.decode(), "saved")
    assert "农业农村" in response.content.decode()
    history = client.get(url(Category, "history", registers.own[Category].pk)).content.decode()
    check(history, "history")
    assert "类别" in history


def more_rows(world: World, numbers: range) -> None:
    """Add rows to every register of the county."""
    for number in numbers:
        unit = make.UnitFactory(congress=world.congress, parent=world.police)
        unit.aliases.create(congress=world.congress, alias=f"简称{number}")
        user = make.UserFactory(role=Role.UNIT, role__congress=world.congress, role__unit=unit)
        Membership.objects.create(user=user, role=Role.LEADER, congress=world.congress)
        make.CongressFactory(code=f"9901001{number + 10}", name=f"第{number}镇", level=5, parent=world.congress)
        term = Term.objects.create(
            congress=world.congress,
            name=f"届{number}",
            starts_on=f"19{number + 10}-01-01",
            ends_on=f"19{number + 10}-12-31",
        )
        delegation = make.DelegationFactory(term=world.term, township=world.township)
        login = make.UserFactory(role=Role.DEPUTY, role__congress=world.congress)
        seat = make.SeatFactory(term=world.term, delegation=delegation, person__phone="13800001111", person__user=login)
        group = make.DeputyGroupFactory(term=world.term)
        GroupMember.objects.create(group=group, seat=seat, office="leader")
        GroupMember.objects.create(group=group, seat=world.seat)
        category = Category.objects.create(congress=world.congress, name=f"类别{number}")
        OutcomeCategory.objects.create(term=term, code="Z", name="其他")
        draft_procedure(world.congress, f"{number}号程序", f"d{number}")
        HandlingRules.objects.create(code=f"r{number}", name=f"{number}号规则", congress=world.congress)
        shipped = world.term.arrangement
        Arrangement.objects.create(term=term, procedure=shipped.procedure, rules=shipped.rules)
        CalendarYear.objects.create(year=2030 + number)
        digest(world.staff, number + 1)
        CalendarDay.objects.create(day=f"{2030 + number}-05-01", kind="rest", name="劳动节")
        proposal = submitted(login, category)
        handling = HandlingRound.objects.create(proposal=proposal, number=1, opened_at=proposal.created_at)
        Assignment.objects.create(round=handling, unit=unit, role="lead")
        new_registers(seat, f"{number}号")


QUERIES = {
    Congress: 6,
    Term: 7,
    Unit: 7,
    User: 7,
    Person: 6,
    Seat: 12,
    Delegation: 8,
    DeputyGroup: 9,
    Category: 6,
    OutcomeCategory: 7,
    Procedure: 7,
    Step: 6,
    HandlingRules: 6,
    Arrangement: 7,
    Proposal: 11,
    Obligation: 6,
    Event: 6,
    Notice: 7,
    Digest: 7,
    CalendarYear: 6,
    CalendarDay: 6,
    DutyRecord: 11,
    DutyType: 6,
    TrainingClass: 8,
    Meeting: 7,
    Appointment: 9,
    Township: 6,
    Station: 8,
    Reception: 9,
    OpinionItem: 10,
}


def test_lists_take_the_same_queries_for_any_number_of_rows(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    for first, last in ((0, 3), (3, 30)):
        more_rows(world, range(first, last))
        taken = {}
        for model in QUERIES:
            with CaptureQueriesContext(connection) as queries:
                response = client.get(url(model, "changelist"))
            assert len(response.context["cl"].result_list) >= last, model
            taken[model] = len(queries)
        assert taken == QUERIES


FORMS = [Unit, Seat, Proposal, DutyRecord, TrainingClass, Appointment, Station, Reception]
# What a leader does not take home: forms with people's telephone numbers in full.
STAFF_ONLY = {Seat, Station, Reception}


@pytest.mark.parametrize("model", FORMS, ids=lambda model: model.__name__)
def test_doors_of_the_forms(registers: Registers, model: type[Model]) -> None:
    """Staff import, take the template and export; leaders export what holds no phone numbers; others do neither."""
    client = registers.client("staff")
    page = client.get(url(model, "changelist")).content.decode()
    for name in ("import", "export", "template"):
        assert f'href="{url(model, name)}' in page
    response = client.get(url(model, "import"))
    assert response.status_code == 200
    check(response.content.decode(), "import")
    response = client.post(url(model, "import"), {})
    check(response.content.decode(), "import without a file")
    for name in ("export", "template"):
        response = client.get(url(model, name))
        assert response.status_code == 200, name
        assert b"".join(response.streaming_content)[:2] == b"PK"
    leader = registers.client("leader")
    assert leader.get(url(model, "import")).status_code == 403
    assert leader.get(url(model, "template")).status_code == 403
    response = leader.get(url(model, "export"))
    assert response.status_code == (403 if model in STAFF_ONLY else 200)
    assert response.status_code == 403 or b"".join(response.streaming_content)[:2] == b"PK"
    administrator = registers.client("administrator")
    assert [administrator.get(url(model, name)).status_code for name in ("import", "export", "template")] == [403] * 3


@pytest.mark.parametrize("model", FORMS, ids=lambda model: model.__name__)
def test_exports_hold_own_rows_as_filtered(registers: Registers, model: type[Model]) -> None:
    from python_calamine import CalamineWorkbook

    def exported(query: str) -> str:
        response = registers.client("staff").get(f"{url(model, 'export')}?{query}")
        content = io.BytesIO(b"".join(response.streaming_content))
        # The last row says who took it away.
        return str(CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()[:-1])

    own = {Unit: "县教育局", Seat: "李春梅", Proposal: "关于校车安全的建议"}.get(model, "云溪")
    assert own in exported("")
    assert "石桥" not in exported("")
    assert own not in exported("q=没有这个词")
