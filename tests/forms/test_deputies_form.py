import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deputies.models import Delegation, DeputyGroup, GroupMember, GroupOffice, Person, Seat
from tests import factories as make
from tests.forms.support import counts, errors, exported, run, run_file, tables
from workbooks.columns import ImportRefused

pytestmark = pytest.mark.django_db

FULL = {
    "姓名": "张　三", "性别": "男", "民族": "回族", "出生年月": "1967年3月", "籍贯": "安徽合肥", "政党": "中共",
    "学历": "本科", "学位": "学士", "职务": "第一小学校长", "职业构成": "专业技术人员", "层级": "县级",
    "届次": "第十八届", "选区": "第三选区", "代表团": "城关代表团", "代表小组": "城关一组、教育小组",
    "代表证号": "００１２", "手机": "138 1234 5678", "通讯地址": "城关镇人民路1号", "邮编": "230001", "是否连任": "是",
    "是否常委会组成人员": "√", "备注": "补选",
}  # fmt: skip


@pytest.fixture
def congress():
    return make.TermFactory().congress


def deputy(name, delegation="城关代表团", gender="女", **more):
    return {"姓名": name, "性别": gender, "代表团": delegation, **more}


def test_a_full_row_is_kept_as_it_is_read(congress):
    assert counts(run("deputies", FULL, congress=congress)) == "新增 1、更新 0、未变 0"
    seat = Seat.objects.get()
    person = seat.person
    assert (person.name, person.gender, person.ethnicity, person.born_label) == ("张三", "男", "回族", "1967年3月")
    assert (person.native_place, person.party, person.education, person.degree) == ("安徽合肥", "中共", "本科", "学士")
    assert (person.post, person.occupation, person.phone) == ("第一小学校长", "专业技术人员", "13812345678")
    assert (person.address, person.postcode) == ("城关镇人民路1号", "230001")
    assert (person.pinyin, person.initials) == ("zhang1 san1", "zs")
    assert (seat.elected_by, seat.certificate_no, seat.is_reelected, seat.is_committee_member, seat.note) == (
        "第三选区", "0012", True, True, "补选",
    )  # fmt: skip
    assert (seat.started_on, seat.status) == (dt.date(2022, 1, 1), "in_office")
    assert sorted(row.group.name for row in seat.group_memberships.all()) == ["城关一组", "教育小组"]
    assert counts(run("deputies", FULL, congress=congress)) == "新增 0、更新 0、未变 1"


def test_phone_and_address_are_not_readable_in_the_table(congress):
    run("deputies", FULL, congress=congress)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, address FROM deputies_person")
        phone, address = cursor.fetchone()
    assert "1381234" not in phone
    assert "城关镇" not in address


def test_words_for_nothing_are_nothing_and_leave_what_is_there(congress):
    run("deputies", FULL, congress=congress)
    emptied = FULL | {"政党": "無", "学历": "—", "手机": "无", "代表小组": "无", "是否连任": "", "备注": "/"}
    assert counts(run("deputies", emptied, congress=congress)) == "新增 0、更新 0、未变 1"
    person = Person.objects.get()
    assert (person.party, person.phone) == ("中共", "13812345678")
    assert Seat.objects.get().is_reelected


def test_a_change_of_person_or_seat_or_group_is_an_update_once(congress):
    run("deputies", FULL, deputy("李四"), congress=congress)
    row = FULL
    for changed in ({"手机": "13900000000"}, {"是否连任": "否"}, {"代表小组": "城关二组"}, {"出生年月": "1967-03-05"}):
        row = row | changed
        assert counts(run("deputies", row, deputy("李四"), congress=congress)) == "新增 0、更新 1、未变 1"
        assert counts(run("deputies", row, deputy("李四"), congress=congress)) == "新增 0、更新 0、未变 2"
    person = Person.objects.get(name="张三")
    assert (person.phone, person.born_on, person.born_precision) == ("13900000000", dt.date(1967, 3, 5), "day")
    # The month of the last roster said less than the day of the one before it.
    assert counts(run("deputies", row | {"出生年月": "1967年3月"}, congress=congress)) == "新增 0、更新 0、未变 1"
    assert Person.objects.get(name="张三").born_label == "1967年3月5日"


def test_a_leader_of_a_group_stays_leader_when_the_group_stays(congress):
    run("deputies", FULL, congress=congress)
    GroupMember.objects.filter(group__name="城关一组").update(office=GroupOffice.LEADER)
    run("deputies", FULL | {"代表小组": "城关一组"}, congress=congress)
    assert list(GroupMember.objects.values_list("group__name", "office")) == [("城关一组", "leader")]
    assert DeputyGroup.objects.count() == 2


def test_births_tell_namesakes_apart_and_a_missing_one_is_a_hint(congress):
    rows = [
        deputy("王天宇", 出生年月="1966年"),
        deputy("王天宇", 出生年月=""),
        deputy("李静", 出生年月="1970.05"),
        deputy("李静", 出生年月="1971.05"),
        deputy("王天宇", "北岭代表团", 出生年月=""),
    ]
    result = run("deputies", *rows, congress=congress)
    assert counts(result) == "新增 5、更新 0、未变 0"
    hint = "提示 A3 姓名「王天宇」：本代表团有 2 位代表同名，其中有人没有出生年月，请核对是不是同一人"
    assert result.hints == [hint]
    again = run("deputies", *rows, congress=congress)
    assert (counts(again), again.hints) == ("新增 0、更新 0、未变 5", [hint])


def test_a_namesake_in_the_register_is_a_hint_too(congress):
    run("deputies", deputy("王天宇", 出生年月="1966年"), congress=congress)
    result = run("deputies", deputy("王天宇"), congress=congress)
    assert counts(result) == "新增 1、更新 0、未变 0"
    assert "本代表团有 2 位代表同名" in result.hints[0]


def test_the_later_of_two_equal_rows_is_the_error(congress):
    result = run("deputies", deputy("王永红"), deputy("李四"), deputy("王永红"), congress=congress)
    assert errors(result) == ["表 Sheet1 第 4 行 姓名「王永红」：与单元格 A2 重复，同一张表里只能出现一次"]
    assert result.hints == []
    assert Seat.objects.count() == 0


def test_certificate_numbers_tell_equal_rows_apart(congress):
    twins = [deputy("王永红", 代表证号="1"), deputy("王永红", 代表证号="2")]
    assert counts(run("deputies", *twins, congress=congress)) == "新增 2、更新 0、未变 0"
    assert counts(run("deputies", *twins, congress=congress)) == "新增 0、更新 0、未变 2"
    without = run("deputies", deputy("王永红", 代表证号=""), congress=congress)
    assert errors(without) == ["表 Sheet1 第 2 行 姓名「王永红」：本代表团有 2 位同名同出生年月的代表，请填写代表证号"]
    mixed = run("deputies", deputy("赵亮", 代表证号="3"), deputy("赵亮", 代表证号=""), congress=congress)
    assert errors(mixed) == ["表 Sheet1 第 3 行 姓名「赵亮」：与单元格 A2 重复，同一张表里只能出现一次"]


def test_a_certificate_number_finds_its_holder_and_belongs_to_one(congress):
    run("deputies", deputy("李四", 代表证号="7"), deputy("赵亮", 代表证号="8"), congress=congress)
    moved = deputy("李四", "北岭代表团", 代表证号="7", 出生年月="1980.10")
    assert counts(run("deputies", moved, congress=congress)) == "新增 0、更新 1、未变 0"
    seat = Seat.objects.get(certificate_no="7")
    assert (seat.delegation.name, seat.person.born_label) == ("北岭代表团", "1980年10月")
    taken = run(
        "deputies",
        deputy("孙丽", 代表证号="8"),
        deputy("周强", 代表证号="9"),
        deputy("吴军", 代表证号="9"),
        congress=congress,
    )
    assert errors(taken) == [
        "表 Sheet1 第 2 行 代表证号「8」：已经是 赵亮（城关代表团）的代表证号",
        "表 Sheet1 第 4 行 代表证号「9」：与单元格 D3 重复",
    ]


def test_the_level_and_the_term_default_and_may_not_contradict(congress):
    rows = [
        deputy("甲", 层级="市", 届次=""),
        deputy("乙", 层级="县", 届次="第九届"),
        deputy("丙", 层级="", 届次="第十八届"),
    ]
    assert errors(run("deputies", *rows, congress=congress)) == [
        "表 Sheet1 第 2 行 层级「市」：与导入的人大不一致：" + f"{congress.name} 的层级是 县",
        "表 Sheet1 第 3 行 届次「第九届」：没有这一届，只能是 第十八届",
    ]


def test_the_default_term_is_the_one_in_office(congress):
    make.TermFactory(congress=congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31))
    make.TermFactory(congress=congress, name="第十九届", starts_on=dt.date(2028, 1, 1), ends_on=dt.date(2032, 12, 31))
    run("deputies", deputy("甲"), deputy("乙", 届次="第十七届"), congress=congress)
    assert set(Seat.objects.values_list("person__name", "term__name", "started_on")) == {
        ("甲", "第十八届", dt.date(2022, 1, 1)),
        ("乙", "第十七届", dt.date(2017, 1, 1)),
    }


def test_a_person_of_another_term_or_level_is_entered_once(congress):
    city = make.TermFactory(congress__level=3, name="第十六届").congress
    rows = [deputy("李静", 出生年月="1970年5月"), deputy("王芳", 出生年月="1970"), deputy("赵敏")]
    run("deputies", *rows, congress=city)
    assert counts(run("deputies", *rows, congress=congress)) == "新增 3、更新 0、未变 0"
    assert Person.objects.filter(name="李静").count() == 1
    assert Person.objects.get(name="李静").seats.count() == 2
    # A year alone, or no birth at all, is too little to say that it is the same person.
    assert Person.objects.filter(name="王芳").count() == 2
    assert Person.objects.filter(name="赵敏").count() == 2


def test_a_person_is_not_taken_for_another_in_doubt(congress):
    city = make.TermFactory(congress__level=3, name="第十六届").congress
    run("deputies", deputy("李静", 出生年月="1970年5月"), congress=city)
    two = [deputy("李静", 出生年月="1970.05"), deputy("李静", "北岭代表团", 出生年月="1970.05")]
    assert counts(run("deputies", *two, congress=congress)) == "新增 2、更新 0、未变 0"
    assert Person.objects.filter(name="李静").count() == 3
    man = deputy("李静", "东山代表团", gender="男", 出生年月="1970.05")
    run("deputies", man, congress=congress)
    assert Person.objects.filter(name="李静", gender="男").count() == 1


def test_the_export_comes_back_unchanged(congress):
    rows = [
        FULL,
        deputy("阿卜杜拉.买买提", 出生年月="1980年10月", 备注='=HYPERLINK("http://x")\n第二行'),
        deputy("𠮷田", 出生年月="1990", 职务="<script>alert(1)</script>"),
        deputy("赵亮", 出生年月="1990-01-02", 代表小组="城关一组"),
    ]
    assert counts(run("deputies", *rows, congress=congress)) == "新增 4、更新 0、未变 0"
    file = exported("deputies", Seat.objects.filter(term__congress=congress))
    assert counts(run_file("deputies", file, congress=congress)) == "新增 0、更新 0、未变 4"
    assert Person.objects.filter(name="阿卜杜拉·买买提", born_on="1980-10-01", born_precision="month").exists()
    assert Person.objects.get(name="𠮷田").post == "<script>alert(1)</script>"


def test_the_queries_do_not_grow_with_the_file(congress):
    def rows(size, phone):
        return [
            deputy(f"{size}人中第{i}", f"第{i % 7}代表团", 出生年月="1970.05", 代表小组=f"第{i % 9}小组", 手机=phone)
            for i in range(size)
        ]

    def queries(size):
        congress = make.TermFactory().congress
        found = []
        for phone in ("13800000000", "13900000000", "13900000000"):
            with CaptureQueriesContext(connection) as captured:
                assert run("deputies", *rows(size, phone), congress=congress).ok
            found.append(len(captured))
        return found

    assert queries(3) == queries(400)


def test_a_dry_run_says_the_same_and_writes_nothing(congress):
    before = tables()
    assert counts(run("deputies", FULL, congress=congress, dry_run=True)) == "新增 1、更新 0、未变 0"
    assert tables() == before
    assert Delegation.objects.count() == 0


def test_without_a_term_the_import_is_refused(congress):

    empty = make.CongressFactory(name="新县")
    with pytest.raises(ImportRefused, match="新县 还没有届次"):
        run("deputies", FULL, congress=empty)
