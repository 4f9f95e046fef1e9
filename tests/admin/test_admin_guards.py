"""What the admin keeps to itself, and what it answers to forms and addresses that nobody types."""

from django.contrib.contenttypes.models import ContentType

from accounts.models import Membership, Role
from bodies.models import Term, Unit, UnitAlias
from deputies.models import Delegation, DeputyGroup, Person, Seat
from proposals.models import Category
from tests import factories as make
from tests.admin.conftest import Registers, url
from tests.admin.test_admin_writes import errors, formset, person_data
from tests.world import World


def test_delete_page_counts_what_refers_to_the_row(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    page = client.get(url(Category, "delete", world.category.pk)).content.decode()
    assert "<li>建议议案：1 件</li>" in page
    assert "校车" not in page
    page = client.get(url(Delegation, "delete", world.seat.delegation_id)).content.decode()
    assert "<li>代表：1 名</li>" in page
    assert world.seat.person.name not in page
    UnitAlias.objects.create(congress=world.congress, unit=world.transport, alias="交通")
    page = client.get(url(Unit, "delete", world.transport.pk)).content.decode()
    assert "<li>承办单位：1</li>" in page
    assert "<li>单位简称：1</li>" in page


def test_person_who_also_sits_elsewhere_is_only_read(registers: Registers, world: World) -> None:
    person, client = world.seat.person, registers.client("staff")
    person.phone, person.id_number = "13800001111", "340123196703010010"
    person.save()
    make.SeatFactory(
        person=person, term=registers.foreign[Term], delegation=registers.foreign[Delegation], certificate_no=""
    )
    page = client.get(url(Person, "change", person.pk)).content.decode()
    assert "此人同时是其他人大的代表" in page
    assert "13800001111" not in page
    assert "340123196703010010" not in page
    assert client.post(url(Person, "change", person.pk), person_data(world)).status_code == 403
    assert client.get(url(Seat, "change", world.seat.pk)).status_code == 200
    Membership.objects.create(user=world.staff, role=Role.STAFF, congress=world.foreign_congress)
    page = client.get(url(Person, "change", person.pk)).content.decode()
    assert "此人同时是其他人大的代表" not in page
    assert 'name="phone" value="138****1111"' in page


def test_members_are_of_the_groups_own_term(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    old = make.TermFactory(congress=world.congress, name="旧届", starts_on="2012-01-01", ends_on="2016-12-31")
    before = make.SeatFactory(term=old)
    group = registers.own[DeputyGroup]
    for page, args in (("add", []), ("change", [group.pk])):
        data = {"term": world.term.pk, "name": "新小组", "kind": "area", "sort": 0}
        data |= formset("members", [{"seat": before.pk, "office": "member"}])
        response = client.post(url(DeputyGroup, page, *args), data)
        assert errors(response) == [f"「{before}」不是云溪县第十八届的代表。"], page
        data |= {"members-0-seat": ""}
        response = client.post(url(DeputyGroup, page, *args), data | {"members-0-office": "leader"})
        assert errors(response) == ["请填写这一项。"], page
        assert client.post(url(DeputyGroup, page, *args), data | {"members-0-seat": "9" * 5000}).status_code == 200


def test_export_says_what_is_wrong_with_the_filter(registers: Registers) -> None:
    client = registers.client("staff")
    response = client.get(f"{url(Unit, 'export')}?is_active__exact=maybe", follow=True)
    assert response.redirect_chain == [(url(Unit, "changelist"), 302)]
    assert "筛选条件有误，没有导出" in response.content.decode()
    response = client.get(f"{url(Unit, 'export')}?p=99999&all=&e=1")
    assert b"".join(response.streaming_content)[:2] == b"PK"


def test_shortcut_to_any_rows_page_is_closed(registers: Registers) -> None:
    for role in ("staff", "administrator"):
        for model, row in registers.own.items():
            kind = ContentType.objects.get_for_model(model).pk
            assert registers.client(role).get(f"/admin/r/{kind}/{row.pk}/").status_code == 404, model
