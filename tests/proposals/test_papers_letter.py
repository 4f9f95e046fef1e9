"""The reply letter: measures of GB/T 9704-2012, what it says and in which order, whatever was typed."""

import datetime as dt
import io
import zipfile
from dataclasses import replace

import pytest
from django.test import Client
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from proposals.models import Assignment, Cosignature, HandlingRound, HandlingRules, Reply
from proposals.papers.letter import LetterFacts, letter, title_of
from proposals.papers.official import width_of
from proposals.papers.records import facts_of, visible_reply
from proposals.papers.wording import broken
from tests.factories import at
from tests.proposals.rows import write_proposals
from tests.world import World

FACTS = LetterFacts(
    unit="云溪县教育局",
    congress="云溪县",
    term="第十八届",
    session="第五次会议",
    title="关于加强校车安全管理的建议",
    addressees=("李春梅",),
    body="一、基本情况\n（一）线路。全县共有线路42条。\n1.城关镇6条。\n（1）东片3条。\n二、下一步打算。继续加密班次。",
    number=7,
    document_no="云教〔2026〕7号",
    replied_on=dt.date(2026, 3, 5),
    outcome="A",
    disclosure="全文公开",
    signed_by="王建国",
    contact_name="孙丽",
    contact_phone="0512-62881234",
    attachments=("代表建议办理情况征询意见表",),
    copies_to=("云溪县人大常委会代表工作委员会", "云溪县人民政府办公室"),
)


def opened(facts: LetterFacts) -> Document:
    return Document(io.BytesIO(letter(facts)))


def lines(facts: LetterFacts) -> list[str]:
    return [text for paragraph in opened(facts).paragraphs if (text := paragraph.text)]


def fonts(element: object) -> set[str]:
    return {found.get(qn("w:eastAsia")) for found in element.iter(qn("w:rFonts"))}


def paragraph(document: Document, begins: str) -> object:
    return next(found for found in document.paragraphs if found.text.startswith(begins))


def test_page_type_area_and_grid() -> None:
    section = opened(FACTS).sections[0]
    measures = [
        section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin,
        section.right_margin,
    ]  # fmt: skip
    assert [round(measure.mm, 1) for measure in measures] == [210, 297, 37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    # 22 lines fill 225 mm, to less than a point; one more would not fit.
    assert 636 < 22 * int(grid.get(qn("w:linePitch"))) / 20 < 225 / 25.4 * 72
    defaults = opened(FACTS).styles.element.find(qn("w:docDefaults"))
    size, closer = defaults.find(f".//{qn('w:sz')}"), defaults.find(f".//{qn('w:spacing')}")
    # 28 characters fill 156 mm, one more would not fit.
    assert 441 == 28 * (int(size.get(qn("w:val"))) / 2 + int(closer.get(qn("w:val"))) / 20) < 156 / 25.4 * 72


def test_order_of_the_parts() -> None:
    assert lines(FACTS) == [
        "云教〔2026〕7号",
        "关于对云溪县第十八届人大\n第五次会议第7号建议的答复",
        "李春梅代表：",
        "您提出的《关于加强校车安全管理的建议》收悉，现答复如下：",
        "一、基本情况",
        "（一）线路。全县共有线路42条。",
        "1.城关镇6条。",
        "（1）东片3条。",
        "二、下一步打算。继续加密班次。",
        "感谢您对我们工作的关心和支持。",
        "附件：代表建议办理情况征询意见表",
        "云溪县教育局",
        "2026年3月5日",
        "抄送：云溪县人大常委会代表工作委员会，云溪县人民政府办公室。",
        "（联系人：孙丽，电话：0512-62881234）",
    ]


def test_head_of_the_first_page() -> None:
    section = opened(FACTS).sections[0]
    corner, name, _ = section.first_page_header.paragraphs
    assert corner.text == "公开属性：全文公开　办理结果：A　签发人：王建国"
    assert name.text == "云溪县教育局"
    assert (str(name.runs[0].font.color.rgb), fonts(name._p)) == ("FF0000", {"方正小标宋简体"})
    rule = name._p.find(f".//{qn('w:bottom')}")
    assert (rule.get(qn("w:val")), rule.get(qn("w:color"))) == ("thickThinSmallGap", "FF0000")
    # 170 mm in the middle of the page: from 20 mm to 190 mm.
    assert round(28 + name.paragraph_format.left_indent.mm, 1) == 20.0
    assert round(26 + name.paragraph_format.right_indent.mm, 1) == 20.0
    # 14 mm head, one line, the room below it: the characters begin 30 mm below the edge.
    assert section.header_distance.mm == pytest.approx(14, abs=0.05)
    above = corner.paragraph_format.line_spacing.pt + corner.paragraph_format.space_after.pt
    gap = 0.1 * name.runs[0].font.size.pt
    assert 14 + (above + gap) / 72 * 25.4 == pytest.approx(30, abs=0.1)


def test_foot_of_the_pages() -> None:
    document = opened(FACTS)
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert document.settings.odd_and_even_pages_header_footer
    first = section.first_page_footer
    assert (first.paragraphs[0].text, list(first.part.element.iter(qn("w:fldSimple")))) == ("", [])
    rule = first.part.element.find(f".//{qn('w:bottom')}")
    assert (rule.get(qn("w:val")), round(section.footer_distance.mm)) == ("thinThickSmallGap", 20)
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        number = footer.part.element[0]
        assert "".join(found.text for found in number.iter(qn("w:t"))) == "— 1 —"
        assert number.find(f".//{qn('w:jc')}").get(qn("w:val")) == side
        assert {found.get(qn("w:val")) for found in number.iter(qn("w:sz"))} == {"28"}
        assert fonts(number) == {"宋体"}


def test_fonts_and_sizes() -> None:
    document = opened(FACTS)
    title = paragraph(document, "关于对")
    assert (fonts(title._p), title.runs[0].font.size.pt) == ({"方正小标宋简体"}, 22)
    first = paragraph(document, "一、")
    assert fonts(first._p) == {"黑体"}
    second = paragraph(document, "（一）")
    assert [(run.text, fonts(run._r)) for run in second.runs] == [
        ("（一）线路。", {"楷体_GB2312"}), ("全县共有线路42条。", {"仿宋_GB2312"}),
    ]  # fmt: skip
    third = paragraph(document, "二、")
    assert [run.text for run in third.runs] == ["二、下一步打算。", "继续加密班次。"]
    for begins in ("1.", "（1）", "李春梅", "感谢", "云溪县教育局", "2026年"):
        found = paragraph(document, begins)
        assert (fonts(found._p), found.runs[0].font.size.pt) == ({"仿宋_GB2312"}, 16)
    assert paragraph(document, "抄送").runs[0].font.size.pt == 14
    for begins in ("您提出", "一、", "（一）", "1.", "（1）", "感谢"):
        assert paragraph(document, begins)._p.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert paragraph(document, "李春梅")._p.pPr.ind is None


def test_fonts_name_what_replaces_them() -> None:
    with zipfile.ZipFile(io.BytesIO(letter(FACTS))) as file:
        table = etree.fromstring(file.read("word/fontTable.xml"))
        # Names alone: no font is shipped.
        assert not [name for name in file.namelist() if "fonts/" in name or name.endswith((".odttf", ".ttf"))]
    found = {font.get(qn("w:name")): font.find(qn("w:altName")).get(qn("w:val")) for font in table}
    assert found["仿宋_GB2312"].startswith("仿宋,")
    assert "宋体" in found["方正小标宋简体"].split(",")


def test_date_stands_four_characters_from_the_right_and_the_unit_over_it() -> None:
    document = opened(replace(FACTS, replied_on=dt.date(2026, 3, 15)))
    date, unit = paragraph(document, "2026年3月15日"), paragraph(document, "云溪县教育局")
    right = {found.text: int(found._p.pPr.ind.get(qn("w:rightChars"))) for found in (date, unit)}
    # The date is 6.5 characters wide, the unit 6: it begins and ends a quarter of one further in.
    assert right == {"2026年3月15日": 400, "云溪县教育局": 425}
    # Room for the seal: two empty lines, and all of it on one page.
    texts = [found.text for found in document.paragraphs]
    at_ = texts.index("云溪县教育局")
    assert texts[at_ - 2 : at_] == ["", ""]
    assert all(found.paragraph_format.keep_with_next for found in document.paragraphs[at_ - 3 : at_ + 1])


def test_draft_without_number_has_room_for_it() -> None:
    bare = replace(
        FACTS, document_no="", replied_on=None, number=None, outcome="", disclosure="", signed_by="",
        contact_name="", contact_phone="", attachments=(), copies_to=(), body="", addressees=(),
    )  # fmt: skip
    assert lines(bare) == [
        "〔　　　〕　　号",
        "关于《关于加强校车安全管理的建议》的答复",
        "　　　代表：",
        "您提出的《关于加强校车安全管理的建议》收悉，现答复如下：",
        "感谢您对我们工作的关心和支持。",
        "云溪县教育局",
        "　　　年　月　日",
    ]
    assert lines(replace(FACTS, document_no=""))[0] == "〔2026〕　　号"


def test_what_the_unit_wrote_itself_is_not_said_twice() -> None:
    body = "李春梅代表：\n您提出的关于校车的建议收悉。\n已经办结。\n再次感谢您对教育工作的关心和支持！"
    assert lines(replace(FACTS, body=body))[2:6] == [
        "李春梅代表：", "您提出的关于校车的建议收悉。", "已经办结。", "再次感谢您对教育工作的关心和支持！",
    ]  # fmt: skip


def test_several_signers_are_addressed() -> None:
    three = replace(FACTS, addressees=("李春梅", "阿卜杜拉·买买提", "王五"), signers=3)
    assert lines(three)[2:4] == [
        "李春梅、阿卜杜拉·买买提、王五代表：",
        "你们提出的《关于加强校车安全管理的建议》收悉，现答复如下：",
    ]
    assert lines(replace(three, signers=5))[2] == "李春梅、阿卜杜拉·买买提、王五等5名代表："
    assert lines(replace(three, addressees=("李春梅",)))[2] == "李春梅等3名代表："
    assert lines(replace(three, addressees=["李春梅"] * 13, signers=13))[2] == "李春梅等13名代表："


def test_several_attachments_are_numbered() -> None:
    found = lines(replace(FACTS, attachments=("征询意见表", "线路方案")))
    at_ = found.index("附件：1. 征询意见表")
    assert found[at_ + 1] == "2. 线路方案"


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        ({"is_recess": True}, ["关于对云溪县第十八届人大", "第五次会议闭会期间第7号建议的答复"]),
        ({"kind": "议案", "session": "2017"}, ["关于对云溪县第十八届人大", "2017年第7号议案的答复"]),
        ({"congress": "城关镇人民代表大会"}, ["关于对城关镇第十八届人大", "第五次会议第7号建议的答复"]),
        (
            {"congress": "克孜勒苏柯尔克孜自治州阿克陶县"},
            ["关于对克孜勒苏柯尔克孜自治州阿克陶县", "第十八届人大第五次会议第7号建议的答复"],
        ),
    ],
)
def test_title_is_broken_between_words(facts: dict, title: list[str]) -> None:
    assert title_of(replace(FACTS, **facts)) == title


@pytest.mark.parametrize(
    "text", ["进一步" * 66, "a" * 200, "的" * 50, "（（（《" * 20, "，。" * 40, "😀" * 90, "x", ""]
)
def test_any_title_is_broken_into_lines_that_fit(text: str) -> None:
    found = broken(["关于", f"《{text}》", "的答复"])
    assert "".join(found) == f"关于《{text}》的答复"
    assert all(found)
    if set(text) <= set("进一步x"):
        assert max(width_of(line) for line in found) <= 20


AWKWARD = [
    "\x00\x01\x0b\x0c\x1b\x7f\ufffe\uffff\ud800",
    "😀👨‍👩‍👧‍👦🇨🇳é\u202egnp\u2066",
    "长" * 10_000,
    "a" * 10_000,
    "\r\n" * 5_000,
    "<w:p>&amp;]]><!--",
    "=1+1\t\t\v",
    "　 　",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_gives_a_file_that_opens(text: str) -> None:
    facts = LetterFacts(
        unit=text, congress=text, term=text, session=text, title=text, addressees=(text, text), body=text, number=1,
        document_no=text, outcome=text, disclosure=text, signed_by=text, contact_name=text, contact_phone=text,
        attachments=(text, text), copies_to=(text,),
    )  # fmt: skip
    for shown in (facts, replace(facts, number=None), replace(facts, replied_on=dt.date(1, 1, 1))):
        document = opened(shown)
        assert document.paragraphs
        with zipfile.ZipFile(io.BytesIO(letter(shown))) as file:
            assert file.testzip() is None
            for name in file.namelist():
                if name.endswith(".xml"):
                    etree.fromstring(file.read(name))


def test_long_reply_is_whole() -> None:
    body = "\n".join(f"{number}.第{number}项措施已经落实。" for number in range(1, 2001))
    found = lines(replace(FACTS, body=body))
    assert [line for line in found if line.endswith("项措施已经落实。")] == body.split("\n")


@pytest.fixture
def reply(world: World) -> Reply:
    row = write_proposals(
        world, [{"title": "关于加强校车安全管理的建议", "number": 7, "period": "in_recess", "disclosure": "full"}]
    )[0]
    Cosignature.objects.create(proposal=row, seat=world.other_seat, state="invited")
    round_ = HandlingRound.objects.create(proposal=row, number=1, opened_at=at(2026, 3, 4))
    task = Assignment.objects.create(round=round_, unit=world.education, role="lead")
    return Reply.objects.create(
        assignment=task, unit=world.education, replied_on=dt.date(2026, 3, 20), document_no="云教〔2026〕7号",
        outcome=world.outcomes["A"], body="已经办结。", disclosure="none", contact_name="孙丽", contact_phone="62881234",
        signed_by="王建国", recorded_at=at(2026, 3, 20),
    )  # fmt: skip


def address(reply: Reply, pk: int | None = None) -> str:
    return f"/proposals/{pk or reply.assignment.round.proposal_id}/replies/{reply.pk}/letter/"


def as_user(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_letter_from_the_records(world: World, reply: Reply, django_assert_num_queries: object) -> None:
    client = as_user(world.unit_user)
    client.get(address(reply))
    # Session, user, hat, the reply, the co-signers, and that it was taken away.
    with django_assert_num_queries(6):
        answer = client.get(address(reply))
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    document = Document(io.BytesIO(answer.content))
    texts = [text for found in document.paragraphs if (text := found.text)]
    assert texts == [
        "云教〔2026〕7号",
        "关于对云溪县第十八届人大\n第五次会议闭会期间第7号建议的答复",
        "李春梅代表：",
        "您提出的《关于加强校车安全管理的建议》收悉，现答复如下：",
        "已经办结。",
        "感谢您对我们工作的关心和支持。",
        "附件：代表建议办理情况征询意见表",
        "县教育局",
        "2026年3月20日",
        "抄送：云溪县人大常委会代表工作委员会，云溪县人民政府办公室。",
        "（联系人：孙丽，电话：62881234）",
    ]
    corner = document.sections[0].first_page_header.paragraphs[0].text
    assert corner == "公开属性：不公开　办理结果：A　签发人：王建国"


def test_who_signed_is_addressed_as_the_rules_say(world: World, reply: Reply) -> None:
    Cosignature.objects.update(state="accepted")
    proposal = reply.assignment.round.proposal
    facts = facts_of(visible_reply(world.staff, proposal.pk, reply.pk))
    assert (facts.addressees, facts.signers) == (("李春梅", "阿卜杜拉·买买提"), 2)
    rules = HandlingRules.objects.create(code="lead-only", name="答复领衔代表", cosigner_reply="lead")
    type(proposal).objects.update(rules=rules)
    facts = facts_of(visible_reply(world.staff, proposal.pk, reply.pk))
    assert (facts.addressees, facts.signers) == (("李春梅",), 2)


@pytest.mark.parametrize(("role", "status"), [
    ("staff", 200), ("leader", 200), ("gov_office", 200), ("unit_user", 200), ("deputy", 200), ("township_user", 200),
    ("police_user", 404), ("other_deputy", 404), ("stranger", 404),
])  # fmt: skip
def test_who_may_read_the_letter(world: World, reply: Reply, role: str, status: int) -> None:
    assert as_user(getattr(world, role)).get(address(reply)).status_code == status


def test_deputy_who_did_not_sign_reads_what_is_public_in_full(world: World, reply: Reply) -> None:
    client = as_user(world.other_deputy)
    Cosignature.objects.all().delete()
    assert client.get(address(reply)).status_code == 404
    Reply.objects.update(disclosure="full")
    assert client.get(address(reply)).status_code == 200
    Reply.objects.update(disclosure="none")
    Cosignature.objects.create(proposal=reply.assignment.round.proposal, seat=world.other_seat)
    assert client.get(address(reply)).status_code == 200


def test_letter_of_another_proposal_is_not_found(world: World, reply: Reply) -> None:
    other = write_proposals(world, [{"title": "另一件", "number": 8}])[0]
    client = as_user(world.staff)
    assert client.get(address(reply, other.pk)).status_code == 404
    assert client.get(address(reply, 999_999_999)).status_code == 404
    assert client.post(address(reply)).status_code == 405
    assert Client().get(address(reply)).url.startswith("/accounts/login/")
