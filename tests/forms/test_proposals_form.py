import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bodies.models import Counter, Session
from bodies.services import next_number
from casework.holidays import load_holidays
from casework.models import Case, Event, Obligation, StepRun
from notices.models import Notice
from proposals import services as proposals
from proposals.models import KIND, Assignment, Category, Feedback, HandlingRound, Proposal, Reply
from tests import factories as make
from tests.factories import at
from tests.forms.support import counts, errors, exported, run, run_file, tables

pytestmark = pytest.mark.django_db

TITLE = "关于增设校车的建议"


def row(title=TITLE, lead="李春梅", day="2023-02-01", **more):
    return {"标题": title, "领衔代表": lead, "提出日期": day, **more}


FULL = row(
    届次="第十八届", 会次="第二次会议", 编号="12", 类型="议案", 类别="教科文卫", 性质="重点督办", 提出时期="大会期间",
    公开属性="公开", 审查结论="立案", 代表团="城关代表团", 附议人数="11", 附议代表="阿卜杜拉.买买提",
    主办单位="县教育局", 协办单位="县公安局、县交通运输局", 交办日期="2023.2.10", 答复日期="2023年5月6日",
    答复文号="云教（2023） 7 号", 办理结果="A", 办理态度评价="满意", 办理结果评价="基本满意", 正文="第一段\n第二段",
)  # fmt: skip


def stored(title=TITLE):
    return Proposal.objects.select_related("step", "session", "category").get(title=title)


def told(proposal):
    return list(Event.objects.filter(case=proposal.pk).order_by("at", "pk").values_list("step_label", "sentence"))


def test_a_full_row_is_kept_as_it_is_read(world):
    assert counts(run("proposals", FULL, congress=world.congress)) == "新增 1、更新 0、未变 0"
    proposal = stored()
    assert (proposal.display_no, proposal.get_form_display(), proposal.category.name) == ("第12号", "议案", "教科文卫")
    assert (proposal.session.name, proposal.session.term) == ("第二次会议", world.term)
    assert (proposal.nature, proposal.get_period_display(), proposal.disclosure) == ("重点督办", "大会期间", "full")
    assert (proposal.lead, proposal.paper_cosigners, proposal.body) == (world.seat, 10, "第一段\n第二段")
    assert [row.seat for row in proposal.cosignatures.all()] == [world.other_seat]
    assert (proposal.status, proposal.closed_as, proposal.step, proposal.is_imported) == ("closed", "rated", None, True)
    assert proposal.review_result == "registered"
    rows = Assignment.objects.filter(round__proposal=proposal)
    assert sorted(rows.values_list("unit__name", "role", "assigned_on", "due_on")) == [
        ("县交通运输局", "assist", dt.date(2023, 2, 10), dt.date(2023, 5, 10)),
        ("县公安局", "assist", dt.date(2023, 2, 10), dt.date(2023, 5, 10)),
        ("县教育局", "lead", dt.date(2023, 2, 10), dt.date(2023, 5, 10)),
    ]
    reply = Reply.objects.get()
    assert (reply.replied_on, reply.document_no, reply.outcome.code) == (dt.date(2023, 5, 6), "云教〔2023〕7号", "A")
    assert (reply.is_imported, reply.assignment.unit.name) == (True, "县教育局")
    feedback = Feedback.objects.get()
    assert (feedback.attitude, feedback.result, feedback.is_imported) == ("satisfied", "basically", True)
    assert told(proposal) == [
        ("提出", "导入：李春梅代表于2023年2月1日提出本件"),
        ("审议", "导入：审查结论：立案，编为第12号"),
        ("交办", "导入：于2023年2月10日交办给县教育局（主办）、县公安局（协办）、县交通运输局（协办）"),
        ("反馈", "导入：县教育局于2023年5月6日答复代表，文号云教〔2023〕7号，办理结果：A 已经解决"),
        ("测评", "导入：代表评价办理态度满意，办理结果基本满意"),
    ]
    assert list(StepRun.objects.filter(case=proposal.pk).values_list("step__code", "outcome")) == [
        ("submit", "pass"), ("review", "pass"), ("assign", "pass"), ("reply", "pass"), ("rate", "pass"),
    ]  # fmt: skip
    assert not StepRun.objects.filter(left_at__isnull=True).exists()
    assert set(Event.objects.values_list("is_imported", "actor_label")) == {(True, "导入")}
    done = Obligation.objects.get()
    assert (done.act, done.state, done.owner_unit.name, done.due_on) == (
        "reply",
        "done",
        "县教育局",
        dt.date(2023, 5, 10),
    )
    assert timezone.localdate(done.closed_at) == dt.date(2023, 5, 6)
    assert counts(run("proposals", FULL, congress=world.congress)) == "新增 0、更新 0、未变 1"


@pytest.mark.parametrize(
    ("more", "step", "owed"),
    [
        ({}, "review", [("review", "staff", "", dt.date(2023, 2, 8))]),
        ({"编号": "5"}, "assign", [("assign", "staff", "", dt.date(2023, 2, 8))]),
        ({"审查结论": "立案"}, "assign", [("assign", "staff", "", dt.date(2023, 2, 8))]),
        (
            {"主办单位": "县教育局", "协办单位": "县公安局"},
            "reply",
            [
                ("acknowledge", "unit", "县公安局", dt.date(2023, 2, 8)),
                ("acknowledge", "unit", "县教育局", dt.date(2023, 2, 8)),
                ("reply", "unit", "县教育局", dt.date(2023, 5, 4)),
            ],
        ),
        (
            {"主办单位": "县教育局", "答复日期": "2023-04-28"},
            "rate",
            [("rate", "deputy", "", dt.date(2023, 5, 29)), ("reply", "unit", "县教育局", dt.date(2023, 5, 4))],
        ),
    ],
)
def test_the_state_follows_from_what_is_filled_in(world, more, step, owed):
    """The days: five working days from 1 February 2023, three months rolled over Labour Day, thirty days off Sunday."""
    load_holidays()
    assert run("proposals", row(**more), congress=world.congress).ok
    proposal = stored()
    assert (proposal.status, proposal.step.code, proposal.closed_at) == ("open", step, None)
    rows = Obligation.objects.filter(case=proposal.pk)
    assert sorted((o.act, o.owner_role, o.owner_unit.name if o.owner_unit else "", o.due_on) for o in rows) == owed
    assert set(rows.values_list("is_silent", flat=True)) == {True}
    assert StepRun.objects.get(case=proposal.pk, left_at__isnull=True).step == proposal.step
    assert Notice.objects.count() == 0


def test_a_date_yet_to_come_reminds_and_goes_on_in_the_browser(world):
    today = timezone.localdate()
    run("proposals", row(day=str(today), 主办单位="县教育局"), congress=world.congress)
    owed = Obligation.objects.get(act="reply")
    assert (owed.is_silent, owed.due_on > today, owed.state) == (False, True, "open")
    proposals.acknowledge(proposal_id=stored().pk, seen_version=1, user=world.unit_user, now=timezone.now())
    assert list(Obligation.objects.open().values_list("act", flat=True)) == ["reply"]


def test_several_lead_units_handle_it_separately(world):
    more = {"主办单位": "县教育局、县公安局", "答复日期": "2023-04-03", "办理结果": "正在解决"}
    run("proposals", row(**more), congress=world.congress)
    assert set(Assignment.objects.values_list("unit__name", "role", "replies__outcome__code")) == {
        ("县教育局", "separate", "B"),
        ("县公安局", "separate", "B"),
    }
    assert counts(run("proposals", row(**more), congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_not_registered_is_closed_and_unstated_ratings_are_not_satisfaction(world):
    handled = {"主办单位": "县教育局", "答复日期": "2023-04-03"}
    rows = [
        row("不予立案的", 审查结论="不予立案"),
        row("未表态的", **handled, 办理结果评价="未表态"),
        row("只评态度的", **handled, 办理态度评价="不满意"),
    ]
    assert counts(run("proposals", *rows, congress=world.congress)) == "新增 3、更新 0、未变 0"
    assert set(Proposal.objects.values_list("title", "status", "closed_as")) == {
        ("不予立案的", "closed", "not_registered"),
        ("未表态的", "closed", "imported"),
        ("只评态度的", "closed", "rated"),
    }
    assert set(Feedback.objects.values_list("round__proposal__title", "attitude", "result")) == {
        ("未表态的", "none", "none"),
        ("只评态度的", "dissatisfied", "none"),
    }
    assert counts(run("proposals", *rows, congress=world.congress)) == "新增 0、更新 0、未变 3"


def test_an_empty_session_is_the_year_and_unknown_ones_are_made(world):
    rows = [row(编号="1"), row(day="2024-01-05", 编号="1"), row(day="2026-01-13", 会次="第五次会议", 编号="1")]
    assert counts(run("proposals", *rows, congress=world.congress)) == "新增 3、更新 0、未变 0"
    assert set(Proposal.objects.values_list("session__name", "number")) == {("2023", 1), ("2024", 1), ("第五次会议", 1)}
    assert Session.objects.count() == 3


def test_numbers_given_later_never_collide(world):
    run("proposals", row(编号="7", 会次="第五次会议"), congress=world.congress)
    assert next_number(session=world.session, kind=KIND) == 8
    run("proposals", row("另一件", 编号="3", 会次="第五次会议"), congress=world.congress)
    assert Counter.objects.get(session=world.session, kind=KIND).last_number == 8


def test_a_number_given_twice_is_the_error_of_the_later_row(world):
    result = run(
        "proposals", row("甲", 编号="221"), row("乙", 编号="2"), row("丙", 编号="２２１"), row("丁", 编号="221", 会次="他次"),
        congress=world.congress,
    )  # fmt: skip
    assert errors(result) == ["表 Sheet1 第 4 行 编号「２２１」：与单元格 D2 重复，同一张表里只能出现一次"]


def test_without_a_number_title_and_lead_are_the_key(world):
    twice = run("proposals", row(), row(), congress=world.congress)
    assert errors(twice) == [f"表 Sheet1 第 3 行 标题「{TITLE}」：与单元格 A2 重复，同一张表里只能出现一次"]
    run("proposals", row(), row(lead="阿卜杜拉·买买提"), congress=world.congress)
    assert Proposal.objects.count() == 2
    numbered = run("proposals", row(), row(编号="9"), congress=world.congress)
    assert counts(numbered) == "新增 1、更新 0、未变 1"
    assert (
        f"提示 A3 标题「{TITLE}」：系统中已有标题和领衔代表相同的建议（未编号的），请核对是不是重复" in numbered.hints
    )
    assert counts(run("proposals", row(), row(编号="9"), congress=world.congress)) == "新增 0、更新 0、未变 2"


def test_titles_that_occur_twice_are_a_hint(world):
    result = run("proposals", row(编号="1"), row(编号="2"), congress=world.congress)
    assert (counts(result), result.hints) == (
        "新增 2、更新 0、未变 0",
        [f"提示 A3 标题「{TITLE}」：出现 2 次（A2、A3），请核对是不是重复"],
    )


def test_deputies_are_found_by_name_or_number_and_told_apart_by_delegation(world):
    same_name = make.SeatFactory(
        term=world.term,
        delegation__name="西河代表团",
        delegation__term=world.term,
        person__name="李春梅",
        certificate_no="D7",
    )
    rows = [
        row("甲", "D7"),
        row("乙", "李春梅", 代表团="城关代表团"),
        row("丙", "李 春 梅", 代表团="西河代表团"),
        row("丁", "阿卜杜拉•买买提", 代表团="不相干代表团"),
    ]
    assert counts(run("proposals", *rows, congress=world.congress)) == "新增 4、更新 0、未变 0"
    assert {p.title: p.lead for p in Proposal.objects.select_related("lead")} == {
        "甲": same_name, "乙": world.seat, "丙": same_name, "丁": world.other_seat,
    }  # fmt: skip
    bad = [row("戊", "李春梅"), row("己", "李春眉"), row("庚", "D7", 附议代表="李春梅、张无此人")]
    assert errors(run("proposals", *bad, congress=world.congress)) == [
        "表 Sheet1 第 2 行 领衔代表「李春梅」：本届有 2 位代表叫「李春梅」（城关代表团、西河代表团），请改填代表证号，或填写代表团",
        "表 Sheet1 第 3 行 领衔代表「李春眉」：不认识代表「李春眉」：是不是 李春梅？",
        "表 Sheet1 第 4 行 附议代表「张无此人」：不认识代表「张无此人」",
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"主办单位": "县教育厅"}, "主办单位「县教育厅」：不认识单位「县教育厅」：是不是 县教育局"),
        ({"主办单位": "石桥县教育局"}, "主办单位「石桥县教育局」：不认识单位「石桥县教育局」：是不是 县教育局"),
        (
            {"主办单位": "县教育局", "协办单位": "县公安局、县教育局"},
            "协办单位「县公安局、县教育局」：县教育局 已是主办单位",
        ),
        ({"协办单位": "县公安局"}, "协办单位「县公安局」：填了协办单位，请同时填写主办单位"),
        ({"答复日期": "2023-03-01"}, "答复日期「2023-03-01」：填了答复日期，请同时填写主办单位"),
        ({"主办单位": "县教育局", "办理结果": "A"}, "办理结果「A」：填了办理结果，请同时填写答复日期"),
        (
            {"主办单位": "县教育局", "办理结果评价": "满意"},
            "办理结果评价「满意」：填了办理结果评价，请同时填写答复日期",
        ),
        (
            {"主办单位": "县教育局", "答复日期": "2023-03-01", "办理结果": "E"},
            "办理结果「E」：本届没有这个办理结果，只能是 A 已经解决、B 正在解决、C 解释说明、D 留作参考",
        ),
        ({"届次": "第九届"}, "届次「第九届」：没有这一届，只能是 第十八届"),
        ({"类型": "提案"}, "类型「提案」：只能是 建议 或 议案"),
        ({"提出日期": ""}, "提出日期「」：不能为空"),
        ({"编号": "0"}, "编号「0」：应在 1 至 1000000 之间"),
        ({"标题": "长" * 500}, "：有 500 个字，最多 200 个字"),
    ],
)
def test_errors_name_the_cell_and_what_would_be_right(world, more, expected):
    before = tables()
    result = run("proposals", row("好的一件"), row() | more, congress=world.congress)
    assert len(result.errors) == 1
    assert expected in errors(result)[0]
    assert errors(result)[0].startswith("表 Sheet1 第 3 行 ")
    assert tables() == before


def test_free_text_is_not_refused_and_only_a_plain_consent_discloses_the_text(world):
    texts = {
        "公开": "full", "同意全文公开": "full", "仅同意公开标题": "title", "不公开": "none", "不同意公开": "none",
        "": "title", "看情况": "title",
    }  # fmt: skip
    rows = [row(f"第{i}件", 公开属性=text, 性质="自拟性质", 类别="新类别") for i, text in enumerate(texts)]
    result = run("proposals", *rows, congress=world.congress)
    assert result.ok
    assert list(Proposal.objects.order_by("pk").values_list("disclosure", flat=True)) == list(texts.values())
    assert [hint for hint in result.hints if "看情况" in hint] == [
        "提示 D8 公开属性「看情况」：认不出，没有采用；可以填 同意全文公开、仅公开标题、不公开"
    ]
    assert Category.objects.filter(name="新类别").count() == 1


def test_a_corrected_file_corrects_and_leaves_a_line_of_history(world):
    run("proposals", FULL, row("另一件", 编号="13"), congress=world.congress)
    case = stored().pk
    corrected = FULL | {"标题": "关于增加校车的建议", "协办单位": "县公安局", "办理结果评价": "不满意"}
    result = run("proposals", corrected, row("另一件", 编号="13"), congress=world.congress, user=world.staff)
    assert counts(result) == "新增 0、更新 1、未变 1"
    proposal = stored("关于增加校车的建议")
    assert (proposal.pk, proposal.version, proposal.closed_as) == (case, 2, "rated")
    assert set(Assignment.objects.values_list("unit__name", flat=True)) == {"县教育局", "县公安局"}
    assert Feedback.objects.get().result == "dissatisfied"
    event = Event.objects.filter(case=case).latest("pk")
    assert event.sentence == "导入：更正标题、协办单位、办理结果评价"
    assert (event.actor, event.is_imported, Event.objects.filter(case=case).count()) == (world.staff, True, 6)
    assert counts(run("proposals", corrected, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_later_columns_bring_the_matter_on(world):
    run("proposals", row(编号="5"), congress=world.congress)
    assigned = row(编号="5", 主办单位="县教育局", 交办日期="2023-02-20")
    assert counts(run("proposals", assigned, congress=world.congress)) == "新增 0、更新 1、未变 0"
    assert stored().step.code == "reply"
    assert list(Obligation.objects.values_list("act", "state")) == [("acknowledge", "open"), ("reply", "open")]
    # A file without these columns says nothing about the units.
    assert counts(run("proposals", row(编号="5"), congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert stored().step.code == "reply"


def test_what_people_have_handled_is_not_overwritten(world):
    run("proposals", row(编号="5", 类别="教科文卫"), congress=world.congress)
    proposals.assign(
        proposal_id=stored().pk,
        seen_version=1,
        user=world.staff,
        now=timezone.now(),
        lead=world.education,
        assisting=[],
    )
    before = tables()
    same = run("proposals", row(编号="5", 类别="教科文卫"), congress=world.congress)
    assert (counts(same), same.hints) == ("新增 0、更新 0、未变 1", [])
    other = run("proposals", row(编号="5", 主办单位="县公安局", 类别="其他"), congress=world.congress)
    assert counts(other) == "新增 0、更新 0、未变 1"
    assert other.hints == [
        f"提示 A2 标题「{TITLE}」：本件已在系统中办理，表中不同的类别、主办单位没有写入；确需修改的请在系统中办理"
    ]
    assert tables() == before
    assert HandlingRound.objects.get().assignments.get().unit == world.education


def test_a_draft_of_a_deputy_is_none_of_the_offices_files_business(world):
    draft = proposals.create_draft(
        user=world.deputy, request_key=uuid.uuid4(), now=at(2026, 3, 2), title=TITLE, body="正文"
    )
    result = run("proposals", row(day="2026-03-02", 会次="第五次会议"), congress=world.congress)
    assert (counts(result), result.hints) == ("新增 1、更新 0、未变 0", [])
    assert Proposal.objects.exclude(pk=draft.pk).get().is_imported


def test_the_export_comes_back_unchanged(world):
    rows = [
        FULL,
        row("<script>alert(1)</script>", 性质="=1+1"),
        row("不予立案的", 审查结论="不予立案"),
        row("分办的", 主办单位="县教育局、县公安局", 答复日期="2023-04-03"),
    ]
    run("proposals", *rows, congress=world.congress)
    everything = Proposal.objects.filter(congress=world.congress)
    assert counts(run_file("proposals", exported("proposals", everything), congress=world.congress)) == (
        "新增 0、更新 0、未变 4"
    )
    assert stored("<script>alert(1)</script>").nature == "=1+1"


def test_the_queries_do_not_grow_with_the_file(world):
    def rows(size, name):
        return [
            row(f"第{i}件", 编号=str(i + 1), 会次=name, 类别=f"类别{i % 3}", 主办单位="县教育局", 协办单位="县公安局",
                答复日期="2023-04-03", 附议代表="阿卜杜拉·买买提")
            for i in range(size)
        ]  # fmt: skip

    def queries(size):
        found = []
        for changed in ({}, {}, {"性质": "重点"}):
            with CaptureQueriesContext(connection) as captured:
                some = [each | changed for each in rows(size, f"{size}件")]
                assert run("proposals", *some, congress=world.congress).ok
            found.append(len(captured))
        return found

    queries(3)
    # Django deletes what makes room by the hundred.
    assert queries(4) == queries(45)
    assert queries(5)[:2] == queries(250)[:2]


def test_cases_and_proposals_are_one(world):
    run("proposals", FULL, congress=world.congress)
    case = Case.objects.get()
    assert (case.title, case.label, case.kind, case.congress) == (TITLE, "第12号", "proposal", world.congress)
    assert case.pk == stored().pk
    assert set(Case.objects.visible_to(world.staff)) == {case}
    assert set(Proposal.objects.visible_to(world.unit_user)) == {stored()}
    assert set(Proposal.objects.visible_to(world.stranger)) == set()
