"""A deputy asks for a correction; staff of his congress accept or refuse; nobody else knows of it."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Role, User
from audit.models import Entry, Kind
from bodies.keys import encrypt_anew, encrypted_columns
from casework.errands import Errand
from deputies import correcting
from deputies.correcting import AlreadyDecided, UnableToCorrect
from deputies.models import Correction, Person
from deputies.people import save_person
from deputies.queries import errands_of
from notices.models import Notice
from tests import factories as make
from tests.factories import at
from tests.world import World

pytestmark = pytest.mark.django_db
OLD, NEW, REASON = "13800001111", "13900002222", "机密理由：原号码被盗用"
NOW = at(2026, 3, 2)


@pytest.fixture
def person(world: World) -> Person:
    row = Person.objects.get(pk=world.seat.person_id)
    row.phone, row.party, row.born_on, row.born_precision = OLD, "群众", at(1967, 3, 1).date(), "month"
    row.save()
    return row


def ask(world: World, field: str = "phone", new: str = NEW, reason: str = REASON) -> Correction:
    return correcting.ask(user=world.deputy, field=field, new=new, reason=reason, now=NOW)


def told() -> list[tuple[str, str, str]]:
    rows = Notice.objects.filter(channel="in_site").order_by("pk")
    return list(rows.values_list("recipient__username", "title", "body"))


def trail() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(row_to_json(e)::text, ' '), '') FROM audit_entry e")
        return cursor.fetchone()[0]


def test_what_is_accepted_stands_in_the_register_and_is_told_without_its_content(world: World, person: Person) -> None:
    row = ask(world)
    assert (row.old, row.new, row.state) == (OLD, NEW, "open")
    assert told() == [("staff", "李春梅申请更正手机", "")]
    done = correcting.accept(correction_id=row.pk, user=world.staff, now=NOW)
    assert (done.state, done.decided_by, done.answer) == ("accepted", world.staff, "")
    assert Person.objects.get(phone_digest=Person(phone=NEW).phone_digest) == person
    assert told()[1:] == [("deputy", "您申请更正的手机已经更正", "")]
    change = Entry.objects.filter(object_key=str(person.pk), object_table="deputies_person").first()
    assert change.after == {"phone": "***", "phone_digest": "***"}
    for secret in (OLD, NEW, REASON, "机密"):
        assert secret not in trail()


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("name", "李春", {"name": "李春", "initials": "lc"}),
        ("gender", "男", {"gender": "男"}),
        ("birth", "1968.11", {"born_on": at(1968, 11, 1).date(), "born_precision": "month"}),
        ("birth", "1968年11月5日", {"born_on": at(1968, 11, 5).date(), "born_precision": "day"}),
        ("birth", "1968", {"born_on": at(1968, 1, 1).date(), "born_precision": "year"}),
        ("birth", "", {"born_on": None, "born_precision": ""}),
        ("party", "中国民主同盟", {"party": "中国民主同盟"}),
        ("phone", "", {"phone": "", "phone_digest": None}),
        ("id_number", "34012319670301001x", {"id_number": "34012319670301001x"}),
        ("address", " 城关镇\x00人民路 ", {"address": "城关镇人民路"}),
    ],
)
def test_every_item_is_cleaned_as_in_the_register(
    world: World, person: Person, field: str, typed: str, stored: dict
) -> None:
    row = ask(world, field, typed)
    correcting.accept(correction_id=row.pk, user=world.staff, now=NOW)
    person = Person.objects.get(pk=person.pk)
    assert {name: getattr(person, name) for name in stored} == stored


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("shoe_size", "42", REASON), "请选择要更正的项目。"),
        (("user", "1", REASON), "请选择要更正的项目。"),
        (("phone", OLD, REASON), "登记的手机已经是这个内容，不用更正。"),
        (("phone", NEW, " \x00 "), "请写明理由，例如换了号码、登记时写错了。"),
        (("phone", NEW, "字" * 501), "理由有 501 个字，最多 500 个字。"),
        (("name", "", REASON), "姓名不能为空。"),
        (("name", "\x07\u200b", REASON), "姓名不能为空。"),
        (("gender", "", REASON), "性别不能为空。"),
        (("gender", "中性", REASON), "性别只能是 男 或 女。"),
        (("birth", "1967年3月", REASON), "登记的出生年月已经是这个内容，不用更正。"),
    ],
)
def test_refusals_of_requests_write_nothing(
    world: World, person: Person, typed: tuple[str, str, str], words: str
) -> None:
    with pytest.raises(UnableToCorrect) as refusal:
        ask(world, *typed)
    assert str(refusal.value) == words
    assert (Correction.objects.count(), told()) == (0, [])


def test_one_open_request_for_an_item(world: World, person: Person) -> None:
    first = ask(world)
    assert ask(world) == first
    with pytest.raises(UnableToCorrect, match="「手机」已有一项更正申请等待处理"):
        ask(world, new="13700003333")
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(person=person, field="phone", asked_by=world.deputy, asked_at=NOW)
    ask(world, "party", "中国民主同盟")
    correcting.withdraw(correction_id=first.pk, user=world.deputy, now=NOW)
    assert ask(world, new="13700003333").pk != first.pk
    assert Correction.objects.open().count() == 2


def test_who_is_no_deputy_asks_for_nothing(world: World) -> None:
    with pytest.raises(Person.DoesNotExist):
        correcting.ask(user=world.staff, field="phone", new=NEW, reason=REASON, now=NOW)


def test_refusing_needs_a_reason_and_tells_it_to_the_deputy_alone(world: World, person: Person) -> None:
    row = ask(world)
    with pytest.raises(UnableToCorrect, match="请写明理由"):
        correcting.refuse(correction_id=row.pk, user=world.staff, answer=" ", now=NOW)
    assert len(told()) == 1
    correcting.refuse(correction_id=row.pk, user=world.staff, answer="机密：号码不是本人的", now=NOW)
    assert Person.objects.get(pk=person.pk).phone == OLD
    assert told()[1:] == [("deputy", "您申请更正的手机没有采纳，理由见更正申请", "")]
    assert "机密" not in trail()
    client = Client()
    client.force_login(world.deputy)
    assert "机密：号码不是本人的" in client.get(reverse("deputies:my-corrections")).content.decode()


def test_what_is_decided_stays_so(world: World, person: Person) -> None:
    row = ask(world)
    correcting.accept(correction_id=row.pk, user=world.staff, now=NOW)
    words = "这项申请已更正（3月2日 10:00 张志强），没有再作处理。"
    for act in (
        lambda: correcting.refuse(correction_id=row.pk, user=world.staff, answer="不对", now=NOW),
        lambda: correcting.accept(correction_id=row.pk, user=world.staff, now=NOW),
        lambda: correcting.withdraw(correction_id=row.pk, user=world.deputy, now=NOW),
    ):
        with pytest.raises(AlreadyDecided) as refusal:
            act()
        assert str(refusal.value) == words
    for change in ({"state": "refused"}, {"state": "open"}, {"field": "party"}, {"decided_at": at(2026, 4, 1)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Correction.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_texts_are_encrypted_at_rest(world: World, person: Person) -> None:
    row = ask(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT old, new, reason FROM deputies_correction WHERE id = %s", [row.pk])
        assert all(value.startswith("gAAAA") for value in cursor.fetchone())


def test_keys_rotate_over_decided_requests_too(world: World, person: Person) -> None:
    row = ask(world)
    correcting.refuse(correction_id=row.pk, user=world.staff, answer="不是本人的", now=NOW)
    names = dict(encrypted_columns())[Correction]
    assert (names, encrypt_anew(Correction, names)) == (["answer", "new", "old", "reason"], 1)
    row = Correction.objects.get()
    assert (row.old, row.new, row.reason, row.answer) == (OLD, NEW, REASON, "不是本人的")


@pytest.mark.parametrize(
    "who",
    ["stranger", "leader", "gov_office", "unit_user", "township_user", "other_deputy", "deputy"],
)
def test_nobody_else_sees_or_decides(client: Client, world: World, person: Person, who: str) -> None:
    row = ask(world)
    client.force_login(getattr(world, who))
    assert client.get(reverse("deputies:correction", args=[row.pk])).status_code == 404
    for name in ("correction", "look-correction"):
        response = client.post(reverse(f"deputies:{name}", args=[row.pk]), {"act": "accept"})
        assert response.status_code == 404
    page = client.get(reverse("deputies:corrections"))
    assert page.status_code == (200 if who == "stranger" else 404)
    assert "手机" not in page.content.decode()
    assert reverse("deputies:correction", args=[row.pk]) not in page.content.decode()
    if who != "deputy":
        assert client.post(reverse("deputies:withdraw-correction", args=[row.pk])).status_code == 404
        mine = client.get(reverse("deputies:my-corrections"))
        assert mine.status_code == (200 if who == "other_deputy" else 404)
        assert NEW not in mine.content.decode()
    for act in (correcting.accept, correcting.refuse):
        with pytest.raises(Correction.DoesNotExist):
            act(correction_id=row.pk, user=getattr(world, who), answer="理由", now=NOW)
    row.refresh_from_db()
    assert (row.state, Entry.objects.filter(kind=Kind.UNMASK).count()) == ("open", 0)


def test_staff_see_a_masked_item_on_a_click_that_is_written_down(client: Client, world: World, person: Person) -> None:
    row = ask(world)
    client.force_login(world.staff)
    page = client.get(reverse("deputies:correction", args=[row.pk])).content.decode()
    assert "139****2222" in page
    assert not any(secret in page for secret in (OLD, NEW, "机密"))
    looked = client.post(reverse("deputies:look-correction", args=[row.pk]), {"answer": "写到一半"}).content.decode()
    assert all(words in looked for words in (OLD, NEW, REASON, "写到一半"))
    entry = Entry.objects.get(kind=Kind.UNMASK)
    assert (entry.object_key, entry.details) == (str(person.pk), {"what": "更正申请：手机"})
    # What is not masked elsewhere is not masked here.
    other = ask(world, "party", "中国民主同盟")
    assert REASON in client.get(reverse("deputies:correction", args=[other.pk])).content.decode()


def test_the_way_of_a_request_through_the_pages(client: Client, world: World, person: Person) -> None:
    mine = reverse("deputies:my-corrections")
    client.force_login(world.deputy)
    wrong = client.post(mine, {"field": "phone", "new": OLD, "reason": "机密理由"})
    assert wrong.status_code == 422
    assert all(words in wrong.content.decode() for words in ("已经是这个内容", "机密理由"))
    assert client.post(mine, {"field": "\x00", "new": "x" * 9999, "reason": ""}).status_code == 422
    assert client.post(mine, {"field": "phone", "new": NEW, "reason": "换号"}).status_code == 302
    row = Correction.objects.get()
    client.force_login(world.staff)
    home = client.get("/").content.decode()
    assert "更正申请</a><span>1 项" in home
    assert "李春梅" in client.get(reverse("deputies:corrections")).content.decode()
    page = reverse("deputies:correction", args=[row.pk])
    refused = client.post(page, {"act": "refuse", "answer": ""})
    assert (refused.status_code, "请写明理由" in refused.content.decode()) == (422, True)
    assert client.post(page, {"act": "burn", "answer": "写了"}).status_code == 422
    assert client.post(page, {"act": "accept"}).status_code == 302
    late = client.post(page, {"act": "refuse", "answer": "我写的理由"})
    assert late.status_code == 409
    assert all(words in late.content.decode() for words in ("没有再作处理", "我写的理由"))
    assert "更正申请</a>" not in client.get("/").content.decode()
    assert "李春梅" not in client.get(reverse("deputies:corrections")).content.decode()
    assert "李春梅" in client.get(reverse("deputies:corrections") + "?view=decided").content.decode()


def test_a_deputy_takes_his_request_back(client: Client, world: World, person: Person) -> None:
    row = ask(world)
    client.force_login(world.deputy)
    for _ in range(2):
        assert client.post(reverse("deputies:withdraw-correction", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("withdrawn", world.deputy)


@pytest.mark.parametrize("count", [3, 40])
def test_queries_of_the_list_do_not_grow(client: Client, world: World, count: int) -> None:
    for _ in range(count):
        seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation)
        Correction.objects.create(
            person=seat.person, field="phone", new=NEW, reason=REASON, asked_by=world.deputy, asked_at=NOW
        )
    client.force_login(world.staff)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("deputies:corrections"))
    assert (page.context["page_obj"].paginator.count, len(queries)) == (count, 6)


def test_what_the_register_says_meanwhile_is_not_overwritten_unseen(
    client: Client, world: World, person: Person
) -> None:
    row = ask(world)
    client.force_login(world.staff)
    page = reverse("deputies:correction", args=[row.pk])
    opened = client.get(page)
    assert OLD not in opened.content.decode()
    form = {"act": "accept", "answer": "核实过了", "seen": opened.context["seen"]}
    person.phone = "13755556666"
    save_person(person=person)
    late = client.post(page, form)
    text = late.content.decode()
    assert (late.status_code, "登记的手机已经被修改，本次没有更正" in text, "137****6666" in text) == (409, True, True)
    # The form is still there with what was typed, and shows what is registered now.
    assert text.count("核实过了") == 1
    assert Person.objects.get(pk=person.pk).phone == "13755556666"
    assert Correction.objects.get().state == "open"
    for seen in ("", "\x00", "机密", form["seen"]):
        assert client.post(page, form | {"seen": seen}).status_code == 409
    assert client.post(page, form | {"seen": late.context["seen"]}).status_code == 302
    assert Person.objects.get(pk=person.pk).phone == NEW


def test_what_staff_ask_as_deputies_of_another_congress_is_not_theirs_to_decide(
    client: Client, world: World, person: Person
) -> None:
    ask(world)
    Membership.objects.create(user=world.deputy, role=Role.STAFF, congress=world.foreign_congress)
    user = User.objects.get(pk=world.deputy.pk)
    user.wear(user.memberships.get(role=Role.STAFF).pk)
    assert errands_of(user) == [
        Errand("更正申请", 0, reverse("deputies:corrections")),
        Errand("个人信息保存期限已到", 0, reverse("deputies:retention")),
    ]
    client.force_login(user)
    client.post(reverse("wear", args=[user.hat.pk]))
    assert client.get(reverse("deputies:corrections")).context["page_obj"].paginator.count == 0
    assert "手机" in client.get(reverse("deputies:my-corrections")).content.decode()


def test_a_request_that_nobody_could_decide_is_refused_in_words(world: World, person: Person) -> None:
    lonely = make.CongressFactory(code="990201", name="远村乡", parent=make.CongressFactory(code="990300"))
    seat = make.SeatFactory(term=make.TermFactory(congress=lonely), person__user=make.UserFactory(username="village"))
    with pytest.raises(UnableToCorrect, match="您所在的人大还没有代表工委的账号"):
        correcting.ask(user=seat.person.user, field="phone", new=NEW, reason=REASON, now=NOW)
    assert (Correction.objects.count(), told()) == (0, [])


def test_for_a_township_without_staff_the_county_answers_until_it_has_some(
    client: Client, world: World, person: Person
) -> None:
    villager = make.UserFactory(username="village", name="何乡民")
    seat = make.SeatFactory(
        term=make.TermFactory(congress=world.township), person__user=villager, person__name="何乡民"
    )
    row = correcting.ask(user=villager, field="phone", new=NEW, reason=REASON, now=NOW)
    assert told() == [("staff", "何乡民申请更正手机", "")]
    assert Correction.objects.kept_by(world.staff).get() == row
    assert not Correction.objects.kept_by(world.stranger).exists()
    client.force_login(world.staff)
    page = reverse("deputies:correction", args=[row.pk])
    assert "何乡民" in client.get(page).content.decode()
    keeper = make.UserFactory(username="keeper", role=Role.STAFF, role__congress=world.township)
    with pytest.raises(Correction.DoesNotExist):
        correcting.accept(correction_id=row.pk, user=world.staff, now=NOW)
    assert client.get(page).status_code == client.post(page, {"act": "accept"}).status_code == 404
    assert Correction.objects.kept_by(keeper).get() == row
    correcting.withdraw(correction_id=row.pk, user=villager, now=NOW)
    correcting.ask(user=villager, field="phone", new=NEW, reason=REASON, now=NOW)
    assert [name for name, *_ in told()] == ["staff", "keeper"]
    User.objects.filter(pk=keeper.pk).update(is_active=False)
    correcting.accept(correction_id=Correction.objects.kept_by(world.staff).open().get().pk, user=world.staff, now=NOW)
    assert Person.objects.get(pk=seat.person_id).phone == NEW
