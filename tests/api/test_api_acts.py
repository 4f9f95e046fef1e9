"""Acts on a proposal: what is stale, refused, malformed or out of view changes nothing and is said in Chinese."""

import re
from pathlib import Path
from typing import Any

import pytest

from casework.models import Event
from notices.models import Notice
from proposals import rules
from proposals.acts import ACTS
from proposals.models import Proposal
from tests.api.conftest import Program, program
from tests.attacks.conftest import Realm

pytestmark = pytest.mark.django_db

DEEP = "[" * 100_000


def state() -> tuple[int, int, list]:
    """What no refusal may change."""
    rows = Proposal.objects.order_by("pk").values_list("pk", "version", "step", "title", "body")
    return Event.objects.count(), Notice.objects.count(), list(rows)


def refused(answer: Any, status: int, told: Any) -> None:
    assert (answer.status_code, answer.json()) == (status, told)


@pytest.fixture
def staff(realm: Realm) -> Program:
    return program(realm.users["staff"])


@pytest.fixture
def address(realm: Realm) -> str:
    return f"proposals/{realm.under_review.pk}/review/"


def test_every_act_that_a_button_offers_has_its_address() -> None:
    folder = Path(rules.__file__).parent
    offered = {
        code for file in folder.glob("*.py") for code in re.findall(r'Ability\(\s*"([a-z-]+)"', file.read_text())
    }
    assert offered == set(ACTS)


def test_an_old_version_is_told_who_was_first(realm: Realm, staff: Program, address: str) -> None:
    row, before = realm.under_review, state()
    sent = {"outcome": "pass", "category": realm.world.category.pk}
    answer = staff.send(address, {**sent, "version": row.version - 1})
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("本件已有新的办理情况：")
    assert "李春梅（代表）提交本件" in answer.json()["detail"]
    for header in (f'"{row.version - 1}"', str(row.version - 1), f'W/"{row.version - 1}"'):
        assert staff.send(address, sent, If_Match=header).status_code == 412
    assert state() == before


def test_the_version_of_the_answer_is_good_for_the_next_act(realm: Realm, staff: Program, address: str) -> None:
    tag = staff.get(f"/api/v1/proposals/{realm.under_review.pk}/")["ETag"]
    assert tag == f'"{realm.under_review.version}"'
    answer = staff.send(address, {"outcome": "pass", "category": realm.world.category.pk}, If_Match=tag)
    assert (answer.status_code, answer.json()["step"]) == (200, "交办")
    assert answer["ETag"] == f'"{answer.json()["version"]}"'


@pytest.mark.parametrize(
    ("data", "headers", "status", "told"),
    [
        ({}, {}, 400, {"detail": "请写明您看到的版本：version 字段，或者 If-Match。"}),
        ({"version": "1"}, {}, 400, {"detail": "版本应为整数，与读取时的 version 相同。"}),
        ({"version": True}, {}, 400, {"detail": "版本应为整数，与读取时的 version 相同。"}),
        ({"version": 10**30}, {}, 400, {"detail": "版本应为整数，与读取时的 version 相同。"}),
        ({}, {"If_Match": "*"}, 400, {"detail": "版本应为整数，与读取时的 version 相同。"}),
        ({"version": 2, "nonsense": 1}, {}, 400, {"nonsense": ["这里没有这个字段。"]}),
        ({"version": 2, "outcome": {"a": 1}}, {}, 400, {"outcome": ["应为文字或者数字。"]}),
        ({"version": 2, "outcome": ["pass"]}, {}, 400, {"outcome": ["应为文字或者数字。"]}),
        ([1, 2], {"If_Match": "2"}, 400, {"detail": "请提交一个 JSON 对象。"}),
        ('"文字"', {"If_Match": "2"}, 400, {"detail": "请提交一个 JSON 对象。"}),
        ({"version": 2}, {}, 422, {"outcome": ["请选择结论。"]}),
        (
            {"version": 2, "outcome": "pass", "category": "9" * 4000},
            {},
            422,
            {"category": ["没有这个类别，请重新选择。"]},
        ),
        ({"version": 2, "outcome": "return"}, {}, 422, {"reason": ["退回修改应当写明理由，代表才知道怎样修改。"]}),
        ({"version": 2, "outcome": "nothing"}, {}, 409, {"detail": "「审议」没有这个办理结论，请刷新页面后再办。"}),
    ],
)
def test_what_is_wrong_is_said(  # noqa: PLR0917 - a line of the table
    realm: Realm, staff: Program, address: str, data: Any, headers: dict, status: int, told: Any
) -> None:
    assert realm.under_review.version == 2
    before = state()
    refused(staff.send(address, data, **headers), status, told)
    assert state() == before


@pytest.mark.parametrize(
    ("body", "kind", "status", "told"),
    [
        (b"{", "application/json", 400, "提交的内容不是正确的 JSON（UTF-8 编码）。"),
        (DEEP.encode(), "application/json", 400, "提交的内容不是正确的 JSON（UTF-8 编码）。"),
        (b'{"version": NaN}', "application/json", 400, "提交的内容不是正确的 JSON（UTF-8 编码）。"),
        (b'{"version": 1e999}', "application/json", 400, "提交的内容不是正确的 JSON（UTF-8 编码）。"),
        (b'{"version": ' + b"9" * 5000 + b"}", "application/json", 400, "提交的内容不是正确的 JSON（UTF-8 编码）。"),
        ('{"a": "中"}'.encode("gbk"), "application/json", 400, "提交的内容不是正确的 JSON（UTF-8 编码）。"),
        (rb'{"reason": "\u0000"}', "application/json", 400, "提交的内容含有不能保存的字符。"),
        (rb'{"reason": "\ud800"}', "application/json", 400, "提交的内容含有不能保存的字符。"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "请用 JSON 提交，Content-Type 写 application/json。"),
        (b"<a/>", "text/xml", 415, "请用 JSON 提交，Content-Type 写 application/json。"),
        (b'"' + b"a" * (5 * 1024 * 1024) + b'"', "application/json", 413, "提交的内容过大。"),
    ],
)
def test_what_no_json_is(  # noqa: PLR0917 - a line of the table
    staff: Program, address: str, body: bytes, kind: str, status: int, told: str
) -> None:
    before = state()
    refused(staff.post(f"/api/v1/{address}", body, content_type=kind), status, {"detail": told})
    assert state() == before


def test_a_backslash_is_no_zero_byte(realm: Realm, staff: Program, address: str) -> None:
    answer = staff.send(address, {"version": 2, "outcome": "return", "reason": r"请写明 \u0000 是什么"})
    assert answer.status_code == 200


@pytest.mark.parametrize("row", ["foreign", "foreign_draft", "draft", "none"])
@pytest.mark.parametrize("act", ["review", "assign", "withdraw", "submit", "key"])
def test_what_is_out_of_view_does_not_exist(realm: Realm, staff: Program, row: str, act: str) -> None:
    pk = 9 * 10**17 if row == "none" else getattr(realm, row).pk
    before = state()
    refused(staff.send(f"proposals/{pk}/{act}/", {"version": 1}), 404, {"detail": "没有这条记录，或者您看不到它。"})
    assert state() == before


@pytest.mark.parametrize("who", ["leader", "gov_office", "unit", "police", "township", "deputy", "other_deputy"])
@pytest.mark.parametrize("act", ["assign", "review", "convert", "oversee", "close-unrated"])
def test_nobody_but_the_office_does_what_is_the_offices(realm: Realm, who: str, act: str) -> None:
    before = state()
    answer = program(realm.users[who]).send(f"proposals/{realm.hidden.pk}/{act}/", {"version": realm.hidden.version})
    if answer.status_code == 409:
        assert answer.json() == {"detail": "本件当前不能办理这一步，请重新读取本件，查看最新情况。"}
    else:
        assert answer.status_code == 404
        assert who in ("police", "other_deputy")
    assert state() == before


def test_a_refusal_of_the_service_is_told_in_its_words(realm: Realm) -> None:
    unit, row = program(realm.users["unit"]), realm.hidden
    told = unit.read(f"proposals/{row.pk}/")
    reply = next(one for one in told["abilities"] if one["code"] == "reply")
    assert (reply["allowed"], reply["reason"], reply["fields"]) == (False, "请先签收，再办理。", [])
    before = state()
    refused(unit.send(f"proposals/{row.pk}/reply/", {"version": row.version}), 409, {"detail": "请先签收，再办理。"})
    assert state() == before


def test_handing_in_asks_for_the_check(realm: Realm) -> None:
    deputy, row = program(realm.users["deputy"]), realm.draft
    before = state()
    answer = deputy.send(f"proposals/{row.pk}/submit/", {"version": row.version})
    refused(answer, 422, {"self_checked": ["提交前请逐项核对，确认本件不涉及上列情形，并勾选此项。"]})
    answer = deputy.send(f"proposals/{row.pk}/submit/", {"version": row.version, "title": "别的"})
    refused(answer, 400, {"title": ["这里没有这个字段。"]})
    assert state() == before


def test_the_fields_of_an_act_are_those_of_its_form(realm: Realm, staff: Program) -> None:
    told = staff.read(f"proposals/{realm.under_review.pk}/")
    review = next(one for one in told["abilities"] if one["code"] == "review")
    assert {key: review[key] for key in ("label", "allowed", "method", "url")} == {
        "label": "审查", "allowed": True, "method": "POST", "url": f"/api/v1/proposals/{realm.under_review.pk}/review/",
    }  # fmt: skip
    outcome = next(field for field in review["fields"] if field["name"] == "outcome")
    assert outcome["required"]
    assert {"value": "pass", "label": "审查通过"} in outcome["choices"]
    category = next(field for field in review["fields"] if field["name"] == "category")
    assert (category["type"], category["choices"]) == (
        "integer",
        [{"value": realm.world.category.pk, "label": "教科文卫"}],
    )


def test_by_session_only_with_the_token_of_the_pages(realm: Realm, address: str) -> None:
    page = Program(enforce_csrf_checks=True)
    page.force_login(realm.users["staff"])
    sent = {"version": 2, "outcome": "pass", "category": realm.world.category.pk}
    before = state()
    refused(page.send(address, sent), 403, {"detail": "页面登录的请求要带上 X-CSRFToken；其他系统请使用接口令牌。"})
    assert state() == before
    page.get("/")
    assert page.send(address, sent, X_CSRFToken=page.cookies["csrftoken"].value).status_code == 200


@pytest.mark.parametrize("address", ["proposals/abc/", "no-such/", "units", "proposals/1/no-such-act/", "units/1/2/"])
def test_an_unknown_address_answers_in_json(staff: Program, address: str) -> None:
    told = {"detail": "没有这个接口地址；地址以斜线结尾，全部接口见 /api/v1/。"}
    refused(staff.get(f"/api/v1/{address}"), 404, told)
    refused(staff.send(address), 404, told)


def test_a_number_of_thousands_of_digits_is_no_row(staff: Program) -> None:
    for digits in (19, 4000, 5000):
        for address in ("proposals", "units", "messages"):
            assert staff.get(f"/api/v1/{address}/{'9' * digits}/").status_code == 404


def test_what_a_method_cannot_do_is_said(staff: Program, address: str) -> None:
    refused(staff.get(f"/api/v1/{address}"), 405, {"detail": "这个地址不支持这种请求方法。"})
    refused(staff.delete("/api/v1/units/1/"), 405, {"detail": "这个地址不支持这种请求方法。"})
