"""What the admin's forms write, and what they refuse: forged rows, duplicates, rubbish, rights that nobody has."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model
from django.urls import reverse

from accounts.models import Membership, Role, User
from bodies.models import Congress, Session, Term, Unit, UnitAlias
from casework.models import CalendarDay, Procedure, Step
from deputies.models import Delegation, DeputyGroup, GroupMember, Person, Seat
from proposals.models import Category, OutcomeCategory, Proposal
from tests import factories as make
from tests.admin.conftest import Registers, url
from tests.world import World

NO_ROWS = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}


def formset(prefix: str, rows: list[dict] | None = None, initial: int = 0) -> dict:
    rows = rows or []
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{key}": value for key, value in row.items()}
    return data


def errors(response: object) -> list[str]:
    """Every error of the form and its rows, in the order of the page."""
    assert response.status_code == 200
    found = [[error] if isinstance(error, str) else list(error) for error in response.context["errors"]]
    return [str(error) for errors in found for error in errors]


def unit_data(world: World, **fields: object) -> dict:
    data = {"congress": world.congress.pk, "name": "县水利局", "sort": 0, "is_active": "on"} | fields
    return data | formset("aliases", fields.pop("aliases", None))


def person_data(world: World, **fields: object) -> dict:
    seat = {
        "term": world.term.pk, "delegation": world.seat.delegation_id, "status": "in_office", "started_on": "2022-01-01",
    } | fields.pop("seat", {})  # fmt: skip
    return {"name": "王小明", "gender": "男"} | fields | formset("seats", [seat])


def user_data(world: World, *hats: dict, **fields: object) -> dict:
    rows = [{"role": Role.UNIT, "congress": world.congress.pk, "unit": world.police.pk} | hat for hat in hats or [{}]]
    data = {
        "username": "new",
        "name": "新人",
        "password1": "云溪之水天上来9a",
        "password2": "云溪之水天上来9a",
    } | fields
    return data | formset("memberships", rows)


def test_saving_a_unit_fills_its_keys_and_cleans_as_imports_do(registers: Registers, world: World) -> None:
    data = unit_data(world, name=" 县水利局(水务局) ", contact_phone="０５５１－１２３４５６７８")
    data |= formset("aliases", [{"alias": "水利局"}])
    assert registers.client("staff").post(url(Unit, "add"), data).status_code == 302
    unit = Unit.objects.get(name="县水利局（水务局）")
    assert (unit.initials, unit.pinyin[:9], unit.contact_phone) == ("xslj（swj）", "xian4 shu", "0551-12345678")
    assert [(row.alias, row.congress) for row in unit.aliases.all()] == [("水利局", world.congress)]
    assert LogEntry.objects.get().user == world.staff


def test_saving_a_person_makes_the_seat_and_keeps_what_is_known_of_the_birth(
    registers: Registers, world: World
) -> None:
    data = person_data(world, birth="1967.03", phone="138 0000 1111", id_number="34012319670301001x")
    assert registers.client("staff").post(url(Person, "add"), data).status_code == 302
    person = Person.objects.get(name="王小明")
    assert (person.initials, person.born_label, person.phone) == ("wxm", "1967年3月", "13800001111")
    assert (person.id_number, person.seats.get().term) == ("34012319670301001x", world.term)
    page = registers.client("staff").get(url(Seat, "changelist"), {"q": "wxm"}).content.decode()
    assert "王小明" in page
    assert "138****1111" in page
    assert "13800001111" not in page
    assert "34012319670301001x" not in page
    for role in ("staff", "leader"):
        page = registers.client(role).get(url(Person, "change", person.pk)).content.decode()
        assert ("13800001111" in page, "34012319670301001x" in page, "138****1111" in page) == (False, False, True), (
            role
        )


def test_renaming_a_person_renews_the_keys(registers: Registers, world: World) -> None:
    person = world.seat.person
    data = {"name": "赵一", "gender": "女", "birth": "", "user": world.deputy.pk} | formset("seats")
    seat = {"id": world.seat.pk, "person": person.pk, "term": world.term.pk, "delegation": world.seat.delegation_id,
            "status": "in_office", "started_on": "2022-01-01"}  # fmt: skip
    data |= formset("seats", [seat], initial=1)
    assert registers.client("staff").post(url(Person, "change", person.pk), data).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.initials, person.user) == ("赵一", "zy", world.deputy)


FORGED = [
    (Unit, "parent", Unit),
    (Unit, "congress", Congress),
    (Category, "congress", Congress),
    (Term, "congress", Congress),
    (Delegation, "term", Term),
    (Delegation, "township", Congress),
    (DeputyGroup, "term", Term),
    (OutcomeCategory, "term", Term),
    (Seat, "person", Person),
    (Seat, "term", Term),
    (Seat, "delegation", Delegation),
    (Person, "user", User),
]


@pytest.mark.parametrize(("model", "field", "target"), FORGED, ids=lambda value: getattr(value, "__name__", value))
def test_forged_key_of_another_county_is_refused(
    registers: Registers, world: World, model: type[Model], field: str, target: type[Model]
) -> None:
    foreign = registers.foreign_deputy if target is User else registers.foreign[target]
    good = {
        Unit: unit_data(world),
        Category: {"congress": world.congress.pk, "name": "新类别", "sort": 0},
        Term: {"congress": world.congress.pk, "name": "第十九届", "starts_on": "2028-01-01", "ends_on": "2032-12-31"}
        | formset("sessions"),
        Delegation: {"term": world.term.pk, "name": "新代表团", "sort": 0},
        DeputyGroup: {"term": world.term.pk, "name": "新小组", "kind": "area", "sort": 0} | formset("members"),
        OutcomeCategory: {"term": world.term.pk, "code": "E", "name": "新结果", "sort": 0},
        Seat: {
            "person": make.SeatFactory(
                term=make.TermFactory(congress=world.congress, name="旧届", starts_on="2012-01-01", ends_on="2016-12-31")
            ).person_id,
            "term": world.term.pk, "delegation": world.seat.delegation_id, "status": "in_office", "started_on": "2022-01-01",
        }
        | formset("group_memberships"),
        Person: person_data(world),
    }[model]  # fmt: skip
    client, before = registers.client("staff"), model.objects.count()
    response = client.post(url(model, "add"), good | {field: foreign.pk})
    assert errors(response) == ["所选内容不在可选范围内，请重新选择。"]
    assert model.objects.count() == before
    assert str(foreign) not in client.get(url(model, "add")).content.decode()
    assert client.post(url(model, "add"), good).status_code == 302
    assert model.objects.count() == before + 1


def test_forged_member_and_hat_are_refused(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    data = {"term": world.term.pk, "name": "新小组", "kind": "area", "sort": 0}
    data |= formset("members", [{"seat": registers.foreign[Seat].pk, "office": "member"}])
    assert errors(client.post(url(DeputyGroup, "add"), data)) == ["所选内容不在可选范围内，请重新选择。"]
    assert not GroupMember.objects.filter(seat=registers.foreign[Seat]).exists()
    for hat in ({"congress": world.foreign_congress.pk}, {"unit": world.foreign_unit.pk}):
        data = user_data(world, hat)
        assert errors(client.post(url(User, "add"), data)) == ["所选内容不在可选范围内，请重新选择。"]
    assert not User.objects.filter(username="new").exists()


DUPLICATES = [
    (Unit, {"name": "县教育局"}, "已有同名的承办单位。"),
    (Unit, {"name": "教育"}, "「教育」已经是「县教育局」的简称，请改用单位名称。"),
    (Category, {"name": "教科文卫"}, "已有同名的建议类别。"),
    (Delegation, {"name": "城关代表团"}, "本届已有同名的代表团。"),
    (DeputyGroup, {"name": "城关小组"}, "本届已有同名的代表小组。"),
    (OutcomeCategory, {"code": "A"}, "本届已有这个代码的办理结果。"),
    (Term, {"starts_on": "2027-06-01"}, "起止日期与本人大的另一个届次重叠。"),
    (Term, {"ends_on": "2028-01-01"}, "结束日期应当晚于开始日期。"),
    (Term, {"name": "第十八届"}, "这个人大已有同名的届次。"),
]


@pytest.mark.parametrize(("model", "change", "message"), DUPLICATES, ids=lambda value: getattr(value, "__name__", None))
def test_contradictions_are_errors_of_the_form(
    registers: Registers, world: World, model: type[Model], change: dict, message: str
) -> None:
    UnitAlias.objects.create(congress=world.congress, unit=world.education, alias="教育")
    data = {
        Unit: unit_data(world),
        Category: {"congress": world.congress.pk, "name": "新类别", "sort": 0},
        Term: {"congress": world.congress.pk, "name": "第十九届", "starts_on": "2028-01-01", "ends_on": "2032-12-31"}
        | formset("sessions"),
        Delegation: {"term": world.term.pk, "name": "新代表团", "sort": 0},
        DeputyGroup: {"term": world.term.pk, "name": "新小组", "kind": "area", "sort": 0} | formset("members"),
        OutcomeCategory: {"term": world.term.pk, "code": "E", "name": "新结果", "sort": 0},
    }[model]
    before = model.objects.count()
    assert errors(registers.client("staff").post(url(model, "add"), data | change)) == [message]
    assert model.objects.count() == before


def test_contradictions_inside_a_form(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    UnitAlias.objects.create(congress=world.congress, unit=world.education, alias="教育")
    for alias, message in (
        ("教育", "简称「教育」已经用于「县教育局」。"),
        ("县公安局", "「县公安局」是一个单位的名称，不能再作简称。"),
    ):
        data = unit_data(world) | formset("aliases", [{"alias": alias}])
        assert errors(client.post(url(Unit, "add"), data)) == [message]
    Seat.objects.filter(pk=world.seat.pk).update(certificate_no="001")
    response = client.post(url(Person, "add"), person_data(world, seat={"certificate_no": "001"}))
    assert errors(response) == ["这个代表证号在本届已经使用。"]
    response = client.post(url(Person, "add"), person_data(world, seat={"status": "ended"}))
    assert errors(response) == ["资格终止的代表要填终止日期，其他状态不填。"]
    old = make.DelegationFactory(
        term=make.TermFactory(congress=world.congress, name="旧届", starts_on="2012-01-01", ends_on="2016-12-31")
    )
    response = client.post(url(Person, "add"), person_data(world, seat={"delegation": old.pk}))
    assert errors(response) == [f"「{old}」不是云溪县第十八届的代表团。"]
    response = client.post(url(Person, "add"), person_data(world, birth="1967.1", phone="abc"))
    assert errors(response) == [
        "看不出是 1 月还是 10 月，请写成 1967年1月 或 1967年10月",
        "不是电话号码，例如 13800000000 或 0551-12345678",
    ]
    without_seat = person_data(world) | formset("seats")
    assert errors(client.post(url(Person, "add"), without_seat)) == ["至少要填写 1 行。"]
    assert not Person.objects.filter(name="王小明").exists()


def test_two_clerks_at_once_get_one_row_and_one_error(registers: Registers, world: World) -> None:
    """The check of the form passes, and the row of the other comes in before the write."""
    from accounts.admin.bodies import UnitAdmin

    client = registers.client("staff")
    stock, raced = UnitAdmin.save_model, []

    def save_after_another(self: UnitAdmin, request: object, obj: Unit, form: object, change: bool) -> None:
        if not raced:
            raced.append(True)
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO bodies_unit (congress_id, name, system, contact_name, contact_phone, sort, is_active)"
                    " VALUES (%s, %s, '', '', '', 0, true)",
                    [world.congress.pk, obj.name],
                )
        stock(self, request, obj, form, change)

    UnitAdmin.save_model = save_after_another
    try:
        response = client.post(url(Unit, "add"), unit_data(world))
    finally:
        UnitAdmin.save_model = stock
    # The other's row went with the failed transaction here, where both share one connection; the form was kept.
    assert errors(response) == ["已有同名的承办单位。"]
    assert 'value="县水利局"' in response.content.decode()
    assert not Unit.objects.filter(name="县水利局").exists()


PICKERS = [
    (Person, Seat, "person", ["李春梅", "阿卜杜拉·买买提"]),
    (Seat, GroupMember, "seat", ["李春梅（城关代表团）", "阿卜杜拉·买买提（北岭代表团）"]),
    (Unit, Membership, "unit", ["县教育局", "县公安局", "县交通运输局"]),
    (User, Person, "user", None),
]


@pytest.mark.parametrize(
    ("target", "source", "field", "names"), PICKERS, ids=lambda value: getattr(value, "__name__", None)
)
def test_pickers_offer_own_rows_only(
    registers: Registers, target: type[Model], source: type[Model], field: str, names: list[str] | None
) -> None:
    query = {"app_label": source._meta.app_label, "model_name": source._meta.model_name, "field_name": field}
    address = reverse("admin:autocomplete")
    response = registers.client("staff").get(address, query)
    found = [row["text"] for row in response.json()["results"]]
    foreign = registers.foreign[target]
    assert target.objects.filter(pk=foreign.pk).exists()
    assert foreign.pk not in [int(row["id"]) for row in response.json()["results"]]
    if names is not None:
        assert sorted(text.split("，")[0] for text in found) == sorted(names)
    assert registers.client("staff").get(address, query | {"term": "石桥"}).json()["results"] == []
    assert registers.client("staff").get(address, query | {"term": "\x00"}).status_code == 200
    assert registers.client("deputy").get(address, query, follow=True).status_code == 403
    if target in (Person, Seat):
        assert registers.client("administrator").get(address, query).status_code == 403


def test_deleting_a_seat_takes_the_orphaned_person_along(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    seat = make.SeatFactory(term=world.term, person__phone="13800001111")
    again = make.SeatFactory(
        term=make.TermFactory(congress=world.congress, name="旧届", starts_on="2012-01-01", ends_on="2016-12-31"),
        person=seat.person,
    )
    assert "人员：" not in client.get(url(Seat, "delete", again.pk)).content.decode()
    assert client.post(url(Seat, "delete", again.pk), {"post": "yes"}).status_code == 302
    assert Person.objects.filter(pk=seat.person_id).exists()
    assert (
        f"人员：{seat.person}（没有其他代表资格和登录账号）"
        in client.get(url(Seat, "delete", seat.pk)).content.decode()
    )
    assert client.post(url(Seat, "delete", seat.pk), {"post": "yes"}).status_code == 302
    assert not Person.objects.filter(pk=seat.person_id).exists()
    assert "代表「李春梅」还被下列记录引用，不能删除" in client.get(url(Seat, "delete", world.seat.pk)).content.decode()
    assert client.post(url(Seat, "delete", world.seat.pk), {"post": "yes"}).status_code == 200
    assert Seat.objects.filter(pk=world.seat.pk).exists()


def test_what_is_in_use_is_not_deleted(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    for model in (Category, Delegation, Term):
        own = registers.own[model].pk
        assert client.post(url(model, "delete", own), {"post": "yes"}).status_code == 200
        assert model.objects.filter(pk=own).exists()
    assert client.post(url(Unit, "delete", world.transport.pk), {"post": "yes"}).status_code == 302
    assert not Unit.objects.filter(pk=world.transport.pk).exists()


def test_steps_of_an_unused_procedure_are_edited_and_checked(registers: Registers) -> None:
    client, procedure, step = registers.client("staff"), registers.own[Procedure], registers.own[Step]
    row = {"id": step.pk, "procedure": procedure.pk, "label": "提交", "actor_role": "deputy", "verb": "提交"}
    row |= {"stage": "submit", "act": "submit", "place": "1"}
    for deadline, wanted in (
        ("五天", ["写法不对，应为数字加单位，如 5个工作日、30日、3个月。"]),
        ("5 个工作日", None),
    ):
        data = {"name": "备用"} | formset("steps", [row | {"deadline": deadline}], initial=1)
        response = client.post(url(Procedure, "change", procedure.pk), data)
        if wanted:
            assert errors(response) == wanted
        else:
            assert response.status_code == 302
    step.refresh_from_db()
    assert (step.label, step.deadline, step.position) == ("提交", "5WD", 1)


def test_sessions_are_entered_with_their_term(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    row = {
        "id": world.session.pk,
        "term": world.term.pk,
        "name": "第五次会议",
        "starts_on": "2026-01-12",
        "ends_on": "2026-01-15",
    }
    data = {"congress": world.congress.pk, "name": "第十八届", "starts_on": "2022-01-01", "ends_on": "2027-12-31"}
    wrong = data | formset("sessions", [row, {"term": world.term.pk, "name": "第五次会议"}], initial=1)
    assert errors(client.post(url(Term, "change", world.term.pk), wrong)) == [
        "「会次」不能重复。",
        "请改正重复的内容。",
    ]
    right = data | formset("sessions", [row, {"term": world.term.pk, "name": "第六次会议"}], initial=1)
    assert client.post(url(Term, "change", world.term.pk), right).status_code == 302
    assert sorted(Session.objects.filter(term=world.term).values_list("name", flat=True)) == [
        "第五次会议",
        "第六次会议",
    ]


ODD_QUERIES = [
    "q=%00", "q=" + "长" * 2000, "p=abc", "p=-1", "p=99999999999999999999", "o=zz.99", "o=999999999999999999999", "e=1", "all=",
    "name__regex=(", "id_number__startswith=gA", "term__id__exact=abc", "term__id__exact=99999999999999999999999",
    "status=%00", "status__exact=nowhere", "gender=x", "year=x", "year=99999999999", "unit=x", "step=-1", "group=%00",
    "delegation=' OR 1=1", "is_active__exact=maybe", "_to_field=name", "_popup=1", "person__user__password__startswith=a",
    "recipient__password__startswith=a", "_facets=1", "category__id__exact=", "status__isnull=perhaps",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD_QUERIES, ids=lambda query: query[:30])
def test_odd_addresses_never_fail(registers: Registers, query: str) -> None:
    client = registers.client("staff")
    for model in (Unit, Seat, Proposal, User):
        assert client.get(f"{url(model, 'changelist')}?{query}").status_code in (200, 302, 400), model


@pytest.mark.parametrize("key", ["0", "-1", "99999999999999999999999", "abc", "%00", "1_", "1%27", "_3A"])
def test_odd_keys_are_not_found(registers: Registers, key: str) -> None:
    client = registers.client("staff")
    for model in (Unit, Seat, Proposal):
        for page in ("change", "delete", "history"):
            address = url(model, page, 1).replace("/1/", f"/{key}/")
            assert client.get(address).status_code in (400, 403, 404), address


BAD_VALUES = [
    "",
    "长" * 500,
    "\x00",
    "<script>alert(1)</script>",
    "'; DROP TABLE bodies_unit; --",
    "\u200b\u200b",
    "𠮷" * 100,
]


@pytest.mark.parametrize("value", BAD_VALUES, ids=["empty", "long", "nul", "script", "sql", "invisible", "rare"])
def test_odd_values_are_saved_as_text_or_refused(registers: Registers, world: World, value: str) -> None:
    client = registers.client("staff")
    fine = value[:1] in "<'𠮷" and value
    for model, data in ((Unit, unit_data(world, name=value)), (Person, person_data(world, name=value))):
        before = model.objects.count()
        response = client.post(url(model, "add"), data)
        assert response.status_code == (302 if fine else 200), model
        assert model.objects.count() == before + bool(fine)
        if fine:
            page = client.get(url(model, "changelist")).content.decode()
            assert "<script>alert" not in page
    for model in (Unit, Person, Term, User):
        # A post without any key, the rows' management form included.
        assert client.post(url(model, "add"), {}).status_code == 200
    for name in ("sort", "parent", "congress"):
        response = client.post(url(Unit, "add"), unit_data(world) | {name: value or "9" * 40})
        assert response.status_code == 200, name


def test_calendar_days_are_unique(registers: Registers) -> None:
    client = registers.client("administrator")
    response = client.post(url(CalendarDay, "add"), {"day": "2026-10-01", "kind": "rest", "name": "国庆节"})
    assert errors(response) == ["具有 日期 的 节假日 已存在。"]
