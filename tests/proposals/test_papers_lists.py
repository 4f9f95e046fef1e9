"""The catalogue and the hand-over list: on the page, on paper, as workbook and Word file; the same rows everywhere."""

import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from proposals.models import Assignment, Cosignature, Distribution, HandlingRound, Proposal
from tests import factories as make
from tests.factories import at
from tests.proposals.rows import write_proposals
from tests.world import World

PAGE, FILE = "/proposals/catalogue/", "/proposals/catalogue/file/"
DAY = dt.date(2026, 3, 4)
DUE = dt.date(2026, 6, 4)


def as_user(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def proposals(world: World, *rows: dict) -> list[Proposal]:
    usual = {
        "period": "in_session", "category": world.category, "submitted_on": dt.date(2026, 1, 13), "disclosure": "full",
    }  # fmt: skip
    return write_proposals(world, [usual | row for row in rows])


def proposal(world: World, number: int | None, title: str, **fields: object) -> Proposal:
    return proposals(world, {"number": number, "title": title, **fields})[0]


def given(row: Proposal, *units: tuple, number: int = 1, **fields: object) -> HandlingRound:
    round_ = HandlingRound.objects.create(proposal=row, number=number, opened_at=at(2026, 3, 4))
    for unit, role in units:
        Assignment.objects.create(round=round_, unit=unit, role=role, assigned_on=DAY, due_on=DUE, **fields)
    return round_


@pytest.fixture
def session(world: World) -> World:
    """Six items: handled, split, in a second round, merged, with the government office, not yet assigned."""
    handled = proposal(world, 1, "关于加强校车安全管理的建议", paper_cosigners=2, nature="当年", is_key=True,
                       key_meeting="第40次主任会议", key_decided_on=DAY)  # fmt: skip
    Cosignature.objects.create(proposal=handled, seat=world.other_seat)
    given(handled, (world.education, "lead"), (world.police, "assist"), (world.transport, "assist"))
    gone = {"ended_at": at(2026, 3, 5), "ended_as": "returned"}
    Assignment.objects.create(
        round=handled.rounds.get(), unit=make.UnitFactory(congress=world.congress), role="separate", **gone
    )
    split = proposal(world, 2, "=1+1", category=None, period="in_recess", submitted_on=dt.date(2026, 5, 6))
    given(split, (world.police, "separate"), (world.transport, "separate"))
    again = proposal(world, 3, "关于改造农村公路的议案", form="bill", lead=world.other_seat, disclosure="none")
    given(again, (world.police, "lead"))
    given(again, (world.transport, "lead"), number=2)
    proposal(world, 4, "关于增开校车的建议", merged_into=handled, review_result="merged")
    with_office = proposal(world, 5, "关于路灯的建议")
    round_ = HandlingRound.objects.create(proposal=with_office, number=1, opened_at=at(2026, 3, 4))
    Distribution.objects.create(round=round_, handed_on=DAY, due_on=DUE)
    proposal(world, 6, "关于公交的建议")
    proposal(world, None, "关于不予立案的建议", review_result="not_registered")
    proposal(world, None, "正在审查的建议", review_result="")
    return world


def download(client: Client, **query: str) -> bytes:
    answer = client.get(FILE, query)
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def status_of(client: Client, query: dict) -> int:
    answer = client.get(FILE, query)
    answer.close()
    return answer.status_code


def sheets(content: bytes) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


def day(year: int, month: int, number: int) -> dt.datetime:
    return dt.datetime(year, month, number)  # noqa: DTZ001 - as workbooks hold dates


CATALOGUE = [
    (1, "关于加强校车安全管理的建议", "李春梅", "城关代表团", 3, "2026-01-13", "大会期间", "教科文卫", "当年，重点督办",
     "县教育局", "协办：县公安局、县交通运输局", "2026-03-04", "2026-06-04", "同意全文公开"),
    (2, "=1+1", "李春梅", "城关代表团", 0, "2026-05-06", "闭会期间", None, None,
     None, "分办：县公安局、县交通运输局", "2026-03-04", "2026-06-04", "同意全文公开"),
    (3, "关于改造农村公路的议案", "阿卜杜拉·买买提", "北岭代表团", 0, "2026-01-13", "大会期间", "教科文卫", "议案",
     "县交通运输局", None, "2026-03-04", "2026-06-04", "不公开"),
    (4, "关于增开校车的建议", "李春梅", "城关代表团", 0, "2026-01-13", "大会期间", "教科文卫", "并入第1号",
     None, None, None, None, "同意全文公开"),
    (5, "关于路灯的建议", "李春梅", "城关代表团", 0, "2026-01-13", "大会期间", "教科文卫", None,
     "政府办公室（待分办）", None, "2026-03-04", "2026-06-04", "同意全文公开"),
    (6, "关于公交的建议", "李春梅", "城关代表团", 0, "2026-01-13", "大会期间", "教科文卫", None,
     None, None, None, None, "同意全文公开"),
]  # fmt: skip
HEADER = ("建议号", "案由", "领衔代表", "代表团", "附议人数", "提出时间", "会间／闭会", "类别", "性质", "主办",
          "协办／分办", "交办日", "答复截止", "公开属性")  # fmt: skip


def plain(row: tuple) -> tuple:
    return tuple(f"{value:%Y-%m-%d}" if isinstance(value, dt.datetime) else value for value in row)


def test_catalogue_as_workbook(session: World) -> None:
    rows = sheets(download(as_user(session.staff), format="xlsx"))["建议目录"]
    assert rows[0][0] == "云溪县第十八届人大第五次会议议案建议目录"
    assert rows[1][0].endswith("　　单位：件")
    assert rows[2] == HEADER
    assert [plain(row) for row in rows[3:9]] == CATALOGUE
    assert rows[9][:3] == ("合计", "6 件，其中大会期间 5 件，闭会期间 1 件", None)
    assert len(rows) == 10


def test_formulas_stay_text(session: World) -> None:
    book = openpyxl.load_workbook(io.BytesIO(download(as_user(session.staff), format="xlsx")))
    cell = book["建议目录"]["B5"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_catalogue_as_word(session: World) -> None:
    document = Document(io.BytesIO(download(as_user(session.staff), format="docx")))
    section, (table,) = document.sections[0], document.tables
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert section.orientation == WD_ORIENT.LANDSCAPE
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [list(HEADER), *([str(value or ("0" if value == 0 else "")) for value in row] for row in CATALOGUE)]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "云溪县第十八届人大第五次会议议案建议目录"
    assert texts[-1] == "合计 6 件，其中大会期间 5 件，闭会期间 1 件"
    fields = [found.get(qn("w:instr")) for found in section.footer.part.element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


def test_handover_as_workbook(session: World) -> None:
    client = as_user(session.staff)
    found = sheets(download(client, format="xlsx", list="handover", held_on="2026-03-06", place=" 县政府一号会议室 "))
    rows = found["交办清单"]
    assert rows[0][0] == "云溪县第十八届人大第五次会议议案建议交办会交办清单"
    assert rows[1][0].startswith("时间：2026年3月6日　　地点：县政府一号会议室　　制表日期：")
    assert [(*row[:4], row[5]) for row in rows[3:-1]] == [
        ("县教育局", "主办", 1, "关于加强校车安全管理的建议", "协办：县公安局、县交通运输局"),
        ("县公安局", "分办", 2, "=1+1", "分办：县交通运输局"),
        ("县公安局", "协办", 1, "关于加强校车安全管理的建议", "主办：县教育局；协办：县交通运输局"),
        ("县交通运输局", "主办", 3, "关于改造农村公路的议案", None),
        ("县交通运输局", "分办", 2, "=1+1", "分办：县公安局"),
        ("县交通运输局", "协办", 1, "关于加强校车安全管理的建议", "主办：县教育局；协办：县公安局"),
        ("政府办公室（待分办）", "主办", 5, "关于路灯的建议", None),
        ("待确定承办单位", None, 4, "关于增开校车的建议", None),
        ("待确定承办单位", None, 6, "关于公交的建议", None),
    ]
    assert {row[6:8] for row in rows[3:10]} == {(day(2026, 3, 4), day(2026, 6, 4))}
    assert rows[10][8] == "并入第1号"
    assert rows[-1][0] == "合计 6 件，其中大会期间 5 件，闭会期间 1 件；一件由几个单位承办的，每个单位各列一次。"
    assert [row[:4] for row in found["签收单"][2:]] == [
        ("承办单位", "主办", "分办", "协办"),
        ("县教育局", 1, 0, 0),
        ("县公安局", 0, 1, 1),
        ("县交通运输局", 1, 1, 1),
        ("政府办公室（待分办）", 1, 0, 0),
        ("合计", 3, 2, 2),
    ]


def test_handover_as_word_has_room_for_signatures(session: World) -> None:
    query = {"format": "docx", "list": "handover", "held_on": "2026-03-06", "place": "县政府一号会议室"}
    document = Document(io.BytesIO(download(as_user(session.staff), **query)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:2] == [
        "云溪县第十八届人大第五次会议议案建议交办会交办清单", "时间：2026年3月6日　　地点：县政府一号会议室",
    ]  # fmt: skip
    heads = [row.cells[0].text for row in document.tables[0].rows if row.cells[0]._tc is row.cells[-1]._tc]
    signing = "　　　　签收人：＿＿＿＿＿＿　　签收日期：＿＿＿＿＿＿"
    assert heads == [
        "县教育局（主办 1 件）" + signing,
        "县公安局（分办 1 件，协办 1 件）" + signing,
        "县交通运输局（主办 1 件，分办 1 件，协办 1 件）" + signing,
        "政府办公室（待分办）（主办 1 件）" + signing,
        "待确定承办单位（2 件）",
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"state": "waiting"}, [4, 6]),
        ({"state": "assigned"}, [1, 2, 3, 5]),
        ({"form": "bill"}, [3]),
        ({"period": "in_recess"}, [2]),
        ({"year": "2026", "session": ""}, [1, 2, 3, 4, 5, 6]),
        ({"category": "1' OR 1=1", "state": "\x00", "year": "99999999999999999999", "form": "x"}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_conditions(session: World, query: dict, numbers: list[int]) -> None:
    rows = sheets(download(as_user(session.staff), format="xlsx", **query))["建议目录"]
    assert [row[0] for row in rows[3:-1]] == numbers
    answer = as_user(session.staff).get(PAGE, query)
    assert [line[0] for line in answer.context["lines"]] == numbers


def test_category_and_session_of_another_congress_are_no_choice(session: World) -> None:
    answer = as_user(session.staff).get(PAGE, {"category": str(session.category.pk), "session": ""})
    assert [line[0] for line in answer.context["lines"]] == [1, 3, 4, 5, 6]
    answer = as_user(session.stranger).get(PAGE, {"category": str(session.category.pk)})
    assert (answer.status_code, answer.context["lines"]) == (200, [])


def test_sums_of_a_session_as_offices_report_them(world: World) -> None:
    sitting = [{"number": n, "title": f"关于第{n}件事的建议"} for n in range(1, 119)]
    later = [{"number": n, "title": f"关于第{n}件事的建议", "period": "in_recess"} for n in (119, 120)]
    proposals(world, *sitting, *later)
    text = as_user(world.staff).get(PAGE).content.decode()
    assert "合计 120 件，其中大会期间 118 件，闭会期间 2 件" in text
    printed = as_user(world.staff).get(PAGE, {"print": "1"}).content.decode()
    assert '<p class="totals">合计 120 件，其中大会期间 118 件，闭会期间 2 件</p>' in printed


@pytest.mark.parametrize(("role", "status"), [
    ("staff", 200), ("leader", 200), ("gov_office", 200), ("unit_user", 404), ("deputy", 404), ("township_user", 404),
    ("stranger", 200),
])  # fmt: skip
def test_for_whom_the_lists_are(session: World, role: str, status: int) -> None:
    client = as_user(getattr(session, role))
    for list_ in ("catalogue", "handover"):
        for extra in ({}, {"print": "1"}):
            assert client.get(PAGE, {"list": list_} | extra).status_code == status
    expected = 302 if role == "stranger" else status
    assert status_of(client, {"format": "xlsx"}) == expected


def test_government_office_sees_what_was_assigned(session: World) -> None:
    answer = as_user(session.gov_office).get(PAGE)
    assert [line[0] for line in answer.context["lines"]] == [1, 2, 3, 5]


def test_anonymous_is_led_to_log_in(db: None) -> None:
    for url in (PAGE, FILE):
        assert Client().get(url).url.startswith("/accounts/login/")


def test_nothing_found_is_said_and_gives_no_file(session: World) -> None:
    answer = as_user(session.staff).get(FILE, {"format": "xlsx", "form": "bill", "state": "waiting"}, follow=True)
    assert "没有符合条件的件，没有生成文件" in answer.content.decode()
    assert answer.redirect_chain[0][0].startswith(PAGE)


@pytest.mark.parametrize("query", [
    {}, {"format": "pdf"}, {"format": "xlsx", "list": "x"}, {"format": "docx", "held_on": "昨天", "place": "长" * 5000},
    {"format": "docx", "list": "handover", "held_on": "9999-99-99", "place": "\x00\ud7ff<b>"},
])  # fmt: skip
def test_any_address_is_answered(session: World, query: dict) -> None:
    assert status_of(as_user(session.staff), query) == (200 if query.get("format") in ("xlsx", "docx") else 404)


def test_page_and_printed_page(session: World) -> None:
    client = as_user(session.leader)
    text = client.get(PAGE).content.decode()
    for words in ("=1+1", "并入第1号", "协办：县公安局、县交通运输局", "政府办公室（待分办）", "2026-06-04"):
        assert words in text
    for words in ("不予立案", "正在审查"):
        assert words not in text
    printed = client.get(PAGE, {"print": "1", "list": "handover", "place": "礼堂"}).content.decode()
    assert "县交通运输局（主办 1 件，分办 1 件，协办 1 件）" in printed
    assert "地点：礼堂" in printed


def many(world: World, count: int) -> None:
    rows = proposals(world, *({"number": n, "title": f"关于第{n}件事的建议"} for n in range(1, count + 1)))
    rounds = HandlingRound.objects.bulk_create(
        HandlingRound(proposal=row, number=1, opened_at=at(2026, 3, 4)) for row in rows
    )
    Assignment.objects.bulk_create(
        Assignment(round=round_, unit=unit, role=role, assigned_on=DAY, due_on=DUE)
        for round_ in rounds
        for unit, role in ((world.education, "lead"), (world.police, "assist"))
    )
    with connection.cursor() as cursor:
        # As autovacuum does within a minute: plans made for tables that were empty take minutes.
        cursor.execute("ANALYZE")


@pytest.mark.parametrize("count", [3, 300])
def test_lists_ask_the_same_whatever_their_length(world: World, count: int, django_assert_num_queries: object) -> None:
    many(world, count)
    client = as_user(world.staff)
    client.get(PAGE)
    for query, expected in [({}, 11), ({"list": "handover"}, 11), ({"print": "1"}, 11)]:
        with django_assert_num_queries(expected, info=str(query)):
            assert len(client.get(PAGE, query).context["lines"]) >= count
    for list_ in ("catalogue", "handover"):
        for kind in ("xlsx", "docx"):
            with django_assert_num_queries(11, info=f"{list_} {kind}"):
                download(client, list=list_, format=kind)
