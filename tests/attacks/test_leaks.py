"""What must not be read: another's draft, another county's rows, what is said about a case behind the deputy's back."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role
from bodies.models import Congress, Term, Unit
from deputies.models import Delegation, Person, Seat
from proposals.models import Category, Proposal
from tests import factories as make
from tests.admin.conftest import url
from tests.attacks.conftest import Realm, start
from tests.forms.support import book


def pages(client: Client) -> str:
    """Everything that a user can list, in one text."""
    addresses = [
        reverse(name)
        for name in ("casework:home", "notices:inbox", "proposals:list", "casework:overdue", "reports:overview")
    ]
    addresses += [
        f"{reverse('proposals:list')}?view={view}&size=100"
        for view in ("todo", "open", "closed", "draft", "waiting", "overdue")
    ]
    addresses += [
        f"{reverse('proposals:list')}?q=机密",
        reverse("reports:figure", args=[2026, "proposals"]),
        reverse("deputies:roster"),
    ]
    addresses += [
        f"/admin/{path}/?q="
        for path in ("proposals/proposal", "casework/event", "casework/obligation", "notices/notice")
    ]
    return "\n".join(client.get(address).content.decode() for address in addresses)


@pytest.mark.parametrize(
    "who", ["staff", "administrator", "gov_office", "police", "township", "other_deputy", "stranger"]
)
def test_draft_is_seen_by_nobody_but_its_author(realm: Realm, who: str) -> None:
    client = realm.client(who)
    assert client.get(reverse("proposals:case", args=[realm.draft.pk])).status_code == 404
    assert "机密草稿" not in pages(client)
    person = client.get(reverse("deputies:person", args=[realm.world.seat.person_id])).content.decode()
    assert "机密草稿" not in person


def test_author_sees_the_draft_so_that_the_tests_above_can_fail(realm: Realm) -> None:
    assert "机密草稿" in pages(realm.client("deputy"))


@pytest.mark.parametrize("model", [Unit, Category, Seat])
def test_deleting_what_a_draft_refers_to_does_not_show_the_draft(realm: Realm, model: type) -> None:
    world = realm.world
    row = {Unit: world.transport, Category: world.category, Seat: world.seat}[model]
    start(world.deputy, "机密未交草稿", suggested_unit=world.transport, category=world.category)
    response = realm.client("staff").get(url(model, "delete", row.pk))
    assert response.status_code == 200
    assert "机密未交草稿" not in response.content.decode()


@pytest.mark.parametrize("model", [Congress, Term])
def test_administrator_learns_nothing_of_cases_by_deleting(realm: Realm, model: type) -> None:
    row = {Congress: realm.world.congress, Term: realm.world.term}[model]
    page = realm.client("administrator").get(url(model, "delete", row.pk)).content.decode()
    assert "机密" not in page
    assert "阿卜杜拉" not in page


def test_another_deputy_reads_a_disclosed_case_without_what_passed_between_office_unit_and_author(realm: Realm) -> None:
    page = realm.client("other_deputy").get(reverse("proposals:case", args=[realm.disclosed.pk])).content.decode()
    assert "公开件的正文" in page
    assert "机密沟通" not in page
    own = realm.client("deputy").get(reverse("proposals:case", args=[realm.disclosed.pk])).content.decode()
    assert "机密沟通" in own


def test_staff_see_the_text_that_was_handed_in_not_the_one_being_revised(realm: Realm) -> None:
    page = realm.client("staff").get(reverse("proposals:case", args=[realm.returned.pk])).content.decode()
    assert "机密修改稿" not in page


def test_roster_import_does_not_take_over_a_person_of_another_county(realm: Realm) -> None:
    world = realm.world
    Person.objects.filter(pk=world.seat.person_id).update(born_on="1967-03-01", born_precision="month")
    person = Person.objects.get(pk=world.seat.person_id)
    person.phone, person.id_number = "13800001111", "340123196703010010"
    person.save()
    file = book({"姓名": "李春梅", "性别": "女", "出生年月": "1967年3月", "代表团": "石桥代表团"})
    file.name = "名册.xlsx"
    client = realm.client("stranger")
    address = url(Seat, "import")
    file.seek(0)
    token = client.post(address, {"file": file}).context["upload"].token
    assert client.post(address, {"token": token, "apply": "1"}).status_code == 302
    taken = Seat.objects.get(term__congress=world.foreign_congress, person__name="李春梅")
    assert taken.person_id != person.pk
    page = client.get(url(Person, "change", person.pk))
    assert page.status_code == 404
    assert "340123196703010010" not in page.content.decode()


def test_person_page_shows_only_seats_that_the_reader_may_see(realm: Realm) -> None:
    term = realm.registers.foreign[Term]
    make.SeatFactory(person=realm.world.seat.person, term=term, delegation=realm.registers.foreign[Delegation])
    page = realm.client("unit").get(reverse("deputies:person", args=[realm.world.seat.person_id])).content.decode()
    assert "城关代表团" in page
    assert "石桥" not in page


def test_recent_work_of_a_user_who_changed_office_names_no_case_out_of_view(realm: Realm) -> None:
    Membership.objects.filter(user=realm.world.unit_user).update(unit=realm.world.transport)
    client = realm.client("unit")
    assert client.get(reverse("proposals:case", args=[realm.disclosed.pk])).status_code == 404
    assert "公开件" not in client.get(reverse("casework:home")).content.decode()


def test_what_a_former_deputy_owed_is_not_shown_under_the_next_hat(realm: Realm) -> None:
    Membership.objects.filter(user=realm.world.deputy).update(role=Role.UNIT, unit=realm.world.transport)
    client = realm.client("deputy")
    assert client.get(reverse("proposals:case", args=[realm.returned.pk])).status_code == 404
    assert "机密退回件" not in client.get(reverse("casework:home")).content.decode()


def test_pickers_offer_nothing_of_another_county(realm: Realm) -> None:
    client = realm.client("staff")
    for app, model, field in [
        ("accounts", "membership", "unit"), ("bodies", "unit", "parent"), ("deputies", "seat", "person"),
        ("deputies", "groupmember", "seat"), ("deputies", "person", "user"), ("proposals", "proposal", "lead"),
        ("proposals", "proposal", "category"), ("bodies", "congress", "parent"), ("bodies", "term", "congress"),
    ]:  # fmt: skip
        query = {"app_label": app, "model_name": model, "field_name": field}
        response = client.get(reverse("admin:autocomplete"), query)
        assert response.status_code in (200, 403), (model, field)
        assert "石桥" not in response.content.decode(), (model, field)
        assert "外县" not in response.content.decode(), (model, field)


def test_forms_take_no_row_of_another_county(realm: Realm) -> None:
    foreign = realm.registers.foreign
    data = {"title": "甲", "body": "乙", "form": "suggestion", "disclosure": "full", "save": "1"}
    for field, value in (("category", foreign[Category].pk), ("suggested_unit", foreign[Unit].pk)):
        response = realm.client("deputy").post(reverse("proposals:new"), data | {field: value})
        assert response.status_code == 422, field
    version = Proposal.objects.get(pk=realm.under_review.pk).version
    answer = realm.client("staff").post(
        reverse("proposals:review", args=[realm.under_review.pk]),
        {"version": version, "outcome": "pass", "category": foreign[Category].pk},
    )
    assert answer.status_code == 422


def test_the_other_county_gains_no_drafts_by_giving_the_person_an_account_of_its_own(realm: Realm) -> None:
    """What the import above opens: the person is edited, linked to an account, and read under it."""
    person = Person.objects.get(pk=realm.world.seat.person_id)
    Person.objects.filter(pk=person.pk).update(user=None)
    theirs = realm.registers.foreign[Seat]
    make.SeatFactory(person=person, term=make.TermFactory(congress=realm.world.foreign_congress, name="第十届", starts_on="2028-01-01", ends_on="2032-12-31"),
                     delegation=theirs.delegation)  # fmt: skip
    Person.objects.filter(pk=theirs.person_id).update(user=None)
    data = {
        "name": "李春梅",
        "gender": "女",
        "user": realm.registers.foreign_deputy.pk,
        "seats-TOTAL_FORMS": 0,
        "seats-INITIAL_FORMS": 0,
    }
    realm.client("stranger").post(url(Person, "change", person.pk), data)
    assert realm.client("foreign_deputy").get(reverse("proposals:case", args=[realm.draft.pk])).status_code == 404
