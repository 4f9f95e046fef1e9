# ruff: noqa: F811
"""Personal data is emptied when its time is over, never before, and nothing of it is left in the trail."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts import tokens
from accounts.models import Membership, Role, User
from audit.models import Entry
from deputies import correcting, retention
from deputies.models import Correction, Person, Seat
from deputies.people import save_person, save_seat
from deputies.retention import UnableToErase, due_on, first_kept
from deputies.services import RosterEntry, save_roster
from liaison_stations.models import Reception, Station
from notices.models import Address
from proposals import services as proposals
from proposals.models import Attachment, Proposal
from tests import factories as make
from tests.admin.conftest import Registers, registers  # noqa: F401
from tests.factories import at
from tests.forms.support import counts, errors, run
from tests.world import World, world  # noqa: F401

pytestmark = pytest.mark.django_db
NOW = at(2026, 3, 2)
TODAY = NOW.date()
WHY = "主任会议确定的保存期限已满"
TEXTS = {
    "id_number": "34012319670301001X", "phone": "13800001111", "address": "机密住址人民路18号", "postcode": "239911",
    "native_place": "机密籍贯", "party": "机密党派", "education": "机密学历", "degree": "机密学位", "occupation": "机密职业",
}  # fmt: skip
OF_ACCOUNT = ("13766665555", "jimi@example.org", "robot@example.org")
SECRETS = (*TEXTS.values(), *OF_ACCOUNT, "机密备注", "机密理由", "机密草稿", "13500007777")


@pytest.fixture
def person(world: World) -> Person:
    """The world's deputy as of an earlier term, which ended in 2020, with everything that may be known of one."""
    proposals.create_draft(
        user=world.deputy, request_key=uuid.uuid4(), now=NOW, title="机密草稿标题", body="机密草稿", disclosure="full"
    )
    term = make.TermFactory(
        congress=world.congress, name="第十六届", starts_on=dt.date(2016, 1, 1), ends_on=dt.date(2020, 12, 31)
    )
    make.SessionFactory(term=term)
    Seat.objects.filter(pk=world.seat.pk).update(
        term=term, delegation=make.DelegationFactory(term=term), started_on=term.starts_on, note="机密备注"
    )
    person = Person.objects.get(pk=world.seat.person_id)
    for name, value in TEXTS.items():
        setattr(person, name, value)
    person.born_on, person.born_precision, person.post = dt.date(1967, 3, 1), "month", "第一小学教师"
    person.save()
    user = world.deputy
    user.phone, user.email = OF_ACCOUNT[:2]
    user.save()
    Address.objects.create(user=user, channel="email", address=OF_ACCOUNT[2])
    hat = user.memberships.get()
    tokens.make_token(user=user, membership=hat, name="表格", days=9, is_read_only=True, now=NOW)
    UserSession.objects.create(user=user, session_key="k", ip="10.0.0.1", user_agent="", last_seen_at=NOW)
    row = correcting.ask(user=user, field="phone", new="13500007777", reason="机密理由", now=NOW)
    correcting.withdraw(correction_id=row.pk, user=user, now=NOW)
    return Person.objects.get(pk=person.pk)


def erase(world: World, person: Person, **other: object) -> Person:
    return retention.erase(**{"person_id": person.pk, "user": world.staff, "reason": WHY, "now": NOW} | other)


def rows(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(string_agg(row_to_json(t)::text, ' '), '') FROM {table} t")  # noqa: S608
        return cursor.fetchone()[0]


def test_everything_but_the_record_is_emptied_and_nothing_of_it_is_in_the_trail(world: World, person: Person) -> None:
    erase(world, person)
    person = Person.objects.get(pk=person.pk)
    assert {name: getattr(person, name) for name in TEXTS} == dict.fromkeys(TEXTS, "")
    assert (person.born_on, person.born_precision, person.phone_digest, person.id_number_digest) == (
        None,
        "",
        None,
        None,
    )
    assert (person.name, person.gender, person.post, person.user) == ("李春梅", "女", "第一小学教师", None)
    assert (person.erased_by, person.erased_why, person.erased_at) == (world.staff, WHY, NOW)
    assert person.seats.get().note == ""
    account = User.objects.get(pk=world.deputy.pk)
    assert (account.username, account.phone, account.phone_digest, account.email) == ("deputy", "", None, "")
    assert (account.is_active, account.has_usable_password(), account.hats) == (False, False, [])
    for left in (account.api_tokens, account.addresses, account.past_passwords, account.usersession_set):
        assert left.count() == 0
    row = Correction.objects.get()
    assert (row.state, row.old, row.new, row.reason) == ("withdrawn", "", "", "")
    draft = Proposal.objects.get()
    assert (draft.title, draft.body, draft.lead.person) == ("（草稿已按期删除）", "", person)
    entry = Entry.objects.get(object_label="按期删除个人信息：李春梅")
    assert (entry.object_key, entry.details["reason"]) == (str(person.pk), WHY)
    assert entry.details["what"] == (
        "身份证号、手机、通讯地址、邮编、籍贯、党派、学历、学位、职业构成、出生年月、代表资格的备注、更正申请的内容、提醒地址、代表身份、"
        "账号手机号码、电子邮箱、账号（停用）、没有提交的草稿 1 件"
    )
    assert Entry.objects.count() > 20
    for secret in SECRETS:
        for table in ("audit_entry", "deputies_person", "deputies_seat", "accounts_user", "proposals_proposal"):
            assert secret not in rows(table), (secret, table)
    assert "机密" not in rows("casework_case") + rows("proposals_searchtext")


def refused(world: World, person: Person, **other: object) -> str:
    before = rows("deputies_person") + rows("accounts_user") + rows("deputies_correction")
    with pytest.raises(UnableToErase) as refusal, transaction.atomic():
        erase(world, person, **other)
    assert rows("deputies_person") + rows("accounts_user") + rows("deputies_correction") == before
    return str(refusal.value)


def test_refusals(world: World, person: Person) -> None:
    assert refused(world, person, reason=" \x00") == "请写明删除的依据，例如按档案保存期限的规定。"
    assert refused(world, person, reason="字" * 201) == "依据有 201 个字，最多 200 个字。"
    assert refused(world, person, now=at(2025, 12, 30)) == (
        "李春梅的代表资格 2020-12-31 结束，2025-12-31 起才可以删除。"
    )
    other = Person.objects.get(pk=world.other_seat.person_id)
    assert refused(world, other) == "阿卜杜拉·买买提现在还是代表，不能删除。"
    row = correcting.ask(user=world.deputy, field="party", new="群众", reason="写错", now=NOW)
    assert refused(world, person) == "李春梅还有没有办完的事项：更正申请 1 项。请先办完。"
    correcting.withdraw(correction_id=row.pk, user=world.deputy, now=NOW)
    erase(world, person)
    assert refused(world, person) == "李春梅的个人信息已于 2026-03-02 删除。"


def test_an_open_proposal_and_a_task_stand_in_the_way(world: World, person: Person) -> None:
    Seat.objects.filter(pk=world.seat.pk).update(term=world.term)
    row = proposals.create_draft(
        user=world.deputy, request_key=uuid.uuid4(), now=NOW, title="校车", body="校车超载。", disclosure="full",
        category=world.category,
    )  # fmt: skip
    proposals.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW)
    Seat.objects.filter(pk=world.seat.pk).update(term=Seat.objects.get(pk=world.seat.pk).delegation.term)
    assert refused(world, person) == "李春梅还有没有办完的事项：领衔的建议议案 1 件没有办结。请先办完。"


@pytest.mark.parametrize("who", ["stranger", "leader", "unit_user", "township_user", "other_deputy", "deputy"])
def test_nobody_else_erases_or_sees_who_is_due(client: Client, world: World, person: Person, who: str) -> None:
    user = getattr(world, who)
    with pytest.raises(Person.DoesNotExist):
        erase(world, person, user=user)
    client.force_login(user)
    address = reverse("deputies:retention")
    page = client.get(address)
    assert page.status_code == (200 if who == "stranger" else 404)
    assert reverse("deputies:person", args=[person.pk]) not in page.content.decode()
    assert client.post(address, {"person": person.pk, "reason": WHY, "sure": "1"}).status_code == 404
    assert Person.objects.get(pk=person.pk).erased_at is None


def test_for_a_township_without_staff_the_county_erases_until_it_has_some(world: World) -> None:
    ended = {"starts_on": dt.date(2016, 1, 1), "ends_on": dt.date(2020, 12, 31)}
    term = make.TermFactory(congress=world.township, **ended)
    villager = make.SeatFactory(term=term, started_on=ended["starts_on"], person__phone=TEXTS["phone"]).person
    act = {"person_id": villager.pk, "reason": WHY, "now": NOW}
    assert list(retention.due(world.staff, TODAY)) == [villager]
    assert not retention.due(world.stranger, TODAY).exists()
    keeper = make.UserFactory(username="keeper", role=Role.STAFF, role__congress=world.township)
    assert not retention.due(world.staff, TODAY).exists()
    with pytest.raises(Person.DoesNotExist):
        retention.erase(user=world.staff, **act)
    assert Person.objects.get(pk=villager.pk).phone == TEXTS["phone"]
    retention.erase(user=keeper, **act)
    assert Person.objects.get(pk=villager.pk).phone == ""


def test_an_account_that_works_elsewhere_too_stays_in_use(world: World, person: Person) -> None:
    Membership.objects.create(user=world.deputy, role=Role.UNIT, congress=world.congress, unit=world.education)
    erase(world, person)
    account = Person.objects.get(pk=person.pk).user
    assert (account.is_active, account.phone, account.api_tokens.count()) == (True, OF_ACCOUNT[0], 1)
    assert [hat.role for hat in account.hats] == [Role.UNIT]


def test_a_phone_as_the_name_of_an_account_goes_too(world: World, person: Person) -> None:
    User.objects.filter(pk=world.deputy.pk).update(username="13911112222")
    AccessAttempt.objects.create(username="13911112222", failures_since_start=1)
    AccessAttempt.objects.create(username="staff", failures_since_start=1)
    erase(world, person)
    assert User.objects.get(pk=world.deputy.pk).username == f"closed-{world.deputy.pk}"
    assert [row.username for row in AccessAttempt.objects.all()] == ["staff"]
    for table in ("accounts_user", "axes_accessattempt"):
        assert "13911112222" not in rows(table)


def test_the_database_keeps_an_erased_person_empty(world: World, person: Person) -> None:
    erase(world, person)
    for change in ({name: "x"} for name in TEXTS):
        with pytest.raises(IntegrityError, match="person_erased_is_empty"), transaction.atomic():
            Person.objects.filter(pk=person.pk).update(**change)
    for change in ({"erased_why": ""}, {"erased_by": None}, {"erased_at": None}):
        with pytest.raises(IntegrityError, match="person_erased_by_somebody"), transaction.atomic():
            Person.objects.filter(pk=person.pk).update(**change)


def test_who_is_elected_again_has_data_again(world: World, person: Person) -> None:
    erase(world, person)
    person = Person.objects.get(pk=person.pk)
    entry = RosterEntry(world.term, "李春梅", "城关代表团", person=person, of_person={"phone": "13900002222"})
    save_roster(entries=[entry])
    person = Person.objects.get(pk=person.pk)
    assert (person.phone, person.erased_at, person.erased_why) == ("13900002222", None, "")
    assert not retention.due(world.staff, TODAY).exists()


def test_the_register_lets_data_in_again_only_with_a_new_seat(client: Client, world: World, person: Person) -> None:
    erase(world, person)
    person = Person.objects.get(pk=person.pk)
    client.force_login(world.staff)
    form = client.get(reverse("admin:deputies_person_change", args=[person.pk])).content.decode()
    assert ("按期删除，不再修改" in form, 'name="native_place"' in form) == (True, False)
    person.phone = "13900002222"
    with pytest.raises(IntegrityError), transaction.atomic():
        save_person(person=person)
    make.SeatFactory(person=person, term=world.term, delegation=world.other_seat.delegation)
    address = reverse("admin:deputies_person_change", args=[person.pk])
    form = client.get(address).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"phone": "13900002222"}
    data |= {"seats-TOTAL_FORMS": 0, "seats-INITIAL_FORMS": 0}
    assert client.post(address, data).status_code == 302
    person = Person.objects.get(pk=person.pk)
    assert (person.phone, person.erased_at) == ("13900002222", None)


def test_a_seat_entered_in_the_register_lets_data_in_again(client: Client, world: World, person: Person) -> None:
    erase(world, person)
    client.force_login(world.staff)
    data = {
        "person": person.pk, "term": world.term.pk, "delegation": world.other_seat.delegation_id, "status": "in_office",
        "started_on": "2026-01-10", "group_memberships-TOTAL_FORMS": 0, "group_memberships-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert client.post(reverse("admin:deputies_seat_add"), data).status_code == 302
    person = Person.objects.get(pk=person.pk)
    assert (person.seats.count(), person.erased_at, person.erased_why) == (2, None, "")
    # The roster of the new term brings what is known now, and the deputy asks for what is wrong.
    row = {"姓名": "李春梅", "性别": "女", "代表团": world.other_seat.delegation.name, "手机": "13900002222"}
    assert counts(run("deputies", row, congress=world.congress)) == "新增 0、更新 1、未变 0"
    person = Person.objects.get(pk=person.pk)
    person.user = make.UserFactory(username="again", role=Role.DEPUTY, role__congress=world.congress)
    save_person(person=person)
    assert correcting.ask(user=person.user, field="party", new="群众", reason="没有登记", now=NOW).state == "open"


def test_a_seat_of_the_past_lets_nothing_in(client: Client, world: World, person: Person) -> None:
    erase(world, person)
    term = make.TermFactory(
        congress=world.congress, name="第十五届", starts_on=dt.date(2011, 1, 1), ends_on=dt.date(2015, 12, 31)
    )
    seat = Seat(person=person, term=term, delegation=make.DelegationFactory(term=term), started_on=term.starts_on)
    save_seat(seat=seat)
    person = Person.objects.get(pk=person.pk)
    assert (person.seats.count(), person.erased_at) == (2, NOW)


def test_the_files_of_a_draft_go_too(
    world: World, person: Person, django_capture_on_commit_callbacks: Callable
) -> None:
    draft = Proposal.objects.get()
    row = Attachment(
        proposal=draft, kind="proposal", name="机密附件.pdf", content_type="application/pdf", size=1, sha256="0" * 64,
        uploaded_at=NOW, uploaded_by=world.deputy,
    )  # fmt: skip
    row.file.save("x", ContentFile(b"x"))
    with django_capture_on_commit_callbacks(execute=True):
        erase(world, person)
    assert (draft.attachments.count(), row.file.storage.exists(row.file.name)) == (0, False)


def test_an_old_roster_does_not_bring_it_back(world: World, person: Person) -> None:
    erase(world, person)
    seat = Seat.objects.select_related("delegation").get(person=person)
    row = {"姓名": "李春梅", "性别": "女", "代表团": seat.delegation.name, "届次": "第十六届", "职务": "第一小学校长"}
    old = row | {"出生年月": "1967年3月", "手机": "13800001111", "备注": "机密备注"}
    refused = errors(run("deputies", old, congress=world.congress))
    assert len(refused) == 3
    assert all("个人信息已经按期删除，这一格请留空" in line for line in refused)
    assert counts(run("deputies", row, congress=world.congress)) == "新增 0、更新 1、未变 0"
    person = Person.objects.get(name="李春梅")
    assert (person.post, person.phone, person.erased_why) == ("第一小学校长", "", WHY)


def test_the_way_through_the_pages(client: Client, world: World, person: Person) -> None:
    client.force_login(world.staff)
    address = reverse("deputies:retention")
    assert "个人信息保存期限已到</a><span>1 项" in client.get("/").content.decode()
    page = client.get(address).content.decode()
    assert all(words in page for words in ("李春梅", "2020-12-31", "2025-12-31"))
    assert "阿卜杜拉" not in page
    for data, words in (
        ({"reason": WHY}, "请先勾选要删除个人信息的人"),
        ({"person": ["x", "9" * 40], "reason": WHY}, "请先勾选要删除个人信息的人"),
        ({"person": person.pk, "reason": WHY}, "知道删除以后不能恢复"),
        ({"person": person.pk, "reason": "", "sure": "1"}, "请写明删除的依据"),
        ({"person": [person.pk, world.other_seat.person_id], "reason": WHY, "sure": "1"}, "现在还是代表"),
    ):
        answer = client.post(address, data)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
        assert data["reason"] in answer.content.decode()
    assert Person.objects.get(pk=person.pk).erased_at is None
    assert client.post(address, {"person": "9" * 18, "reason": WHY, "sure": "1"}).status_code == 404
    assert client.post(address, {"person": person.pk, "reason": WHY, "sure": "1"}).status_code == 302
    assert "李春梅" not in client.get(address, {"x": ""}).context["page_obj"].object_list
    done = client.get(address, {"view": "erased"}).content.decode()
    assert all(words in done for words in ("李春梅", WHY, "张志强"))
    assert "按期删除，任职和履职记录保留" in client.get(reverse("deputies:person", args=[person.pk])).content.decode()


@pytest.fixture
def receptions(world: World, registers: Registers) -> list[Reception]:
    station = Station.objects.filter(congress=world.congress).first()
    days = (dt.date(2021, 3, 2), dt.date(2021, 3, 2), dt.date(2021, 3, 3))
    return [
        Reception.objects.create(station=station, received_on=day, visitor=name, contact="13600001234", matter="修路")
        for day, name in zip(days, ("赵机密", "钱机密", "孙机密"), strict=True)
    ]


def test_who_came_to_old_receptions_is_forgotten(world: World, receptions: list[Reception]) -> None:
    with pytest.raises(UnableToErase, match="请写明删除的依据"):
        retention.erase_falling(code="visitors", user=world.staff, reason="", now=NOW)
    assert retention.erase_falling(code="visitors", user=world.staff, reason=WHY, now=NOW) == 2
    found = [
        (row.visitor, row.contact, row.matter)
        for row in Reception.objects.filter(pk__in=[r.pk for r in receptions]).order_by("pk")
    ]
    assert found == [("", "", "修路"), ("", "", "修路"), ("孙机密", "13600001234", "修路")]
    with pytest.raises(UnableToErase, match="没有到期的"):
        retention.erase_falling(code="visitors", user=world.staff, reason=WHY, now=NOW)
    with pytest.raises(UnableToErase, match="没有到期的"):
        retention.erase_falling(code="visitors", user=world.stranger, reason=WHY, now=at(2030, 1, 1))
    with pytest.raises(IntegrityError, match="reception_forgotten_is_empty"), transaction.atomic():
        Reception.objects.filter(pk=receptions[0].pk).update(visitor="赵机密")
    assert "赵机密" not in rows("audit_entry")


def test_an_old_register_of_receptions_does_not_bring_back_who_came(world: World, receptions: list[Reception]) -> None:
    retention.erase_falling(code="visitors", user=world.staff, reason=WHY, now=NOW)
    before = rows("liaison_stations_reception"), rows("duties_dutyrecord")
    row = {
        "联络站": receptions[0].station.name, "日期": "2021-03-02", "接待代表": "阿卜杜拉·买买提", "事项": "修路",
    }  # fmt: skip
    for typed, words in (
        ({"来访人": "赵机密"}, 1),
        ({"联系方式": "13600001234"}, 1),
        ({"来访人": "赵", "联系方式": "1"}, 2),
    ):
        refused = errors(run("receptions", row | typed, congress=world.congress))
        assert len(refused) == words
        assert all("来访人的姓名和联系方式已经按期删除，这一格请留空" in line for line in refused)
    assert (rows("liaison_stations_reception"), rows("duties_dutyrecord")) == before
    assert counts(run("receptions", row | {"结果": "已修好"}, congress=world.congress)) == "新增 0、更新 1、未变 0"


def test_a_refused_page_keeps_the_two_erasures_apart(
    client: Client, world: World, person: Person, receptions: list[Reception]
) -> None:
    """Each form goes where it came from: what is ticked on the page of a refusal is what is erased."""
    old = person.seats.get()
    person = make.SeatFactory(term=old.term, delegation=old.delegation).person
    client.force_login(world.staff)
    address = reverse("deputies:retention")
    with time_machine.travel(NOW, tick=False):
        refused = client.post(address, {"code": "visitors", "reason": ""})
        assert (refused.status_code, 'action="' in refused.content.decode().split("<main")[1]) == (422, False)
        assert client.post(address, {"code": "nothing", "reason": WHY}).status_code == 404
        assert client.post(address, {"person": person.pk, "reason": WHY, "sure": "1"}).status_code == 302
        assert Reception.objects.filter(forgotten_at=None).exclude(visitor="").count() == len(receptions)
        assert Person.objects.get(pk=person.pk).erased_at == NOW
        assert client.post(address, {"code": "visitors", "reason": WHY}).status_code == 302
    assert Reception.objects.exclude(forgotten_at=None).count() == 2


@given(last=st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)), after=st.integers(-3, 3))
def test_the_list_and_the_rule_say_the_same_day(last: dt.date, after: int) -> None:
    today = due_on(last) + dt.timedelta(days=after)
    assert (last < first_kept(today)) == (due_on(last) <= today)


@pytest.mark.parametrize("count", [3, 40])
def test_queries_of_the_list_do_not_grow(client: Client, world: World, person: Person, count: int) -> None:
    term = person.seats.get().term
    for _ in range(count - 1):
        make.SeatFactory(term=term, delegation=person.seats.get().delegation)
    client.force_login(world.staff)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("deputies:retention"))
    assert (page.context["page_obj"].paginator.count, len(queries)) == (count, 7)
