"""Role by register by page: who gets what, with rows of another county lying by."""

import pytest
from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from appointments.models import Appointment
from audit.models import Entry
from bodies.models import Committee, Congress, Meeting, Term, Township, Unit
from casework.models import CalendarDay, CalendarYear, Event, Obligation, Procedure, Step
from deputies.models import Delegation, DeputyGroup, Person, Seat
from duties.models import DutyRecord, DutyType
from liaison_stations.models import OpinionItem, Reception, Station
from notices.models import Digest, Notice, NoticeText
from proposals.models import Arrangement, Category, HandlingRules, OutcomeCategory, Proposal
from tests.admin.conftest import REGISTERS, Registers, url
from training.models import TrainingClass

KEEP, VIEW, NONE = "keep", "view", "none"
# What staff, leader and system administrator may do with each register; the other administrators stand below.
RIGHTS: dict[type[Model], tuple[str, str, str]] = {
    Congress: (VIEW, VIEW, KEEP),
    Term: (KEEP, VIEW, KEEP),
    Unit: (KEEP, VIEW, VIEW),
    Committee: (KEEP, VIEW, VIEW),
    User: (KEEP, NONE, KEEP),
    Person: (KEEP, VIEW, NONE),
    Seat: (KEEP, VIEW, NONE),
    Delegation: (KEEP, VIEW, NONE),
    DeputyGroup: (KEEP, VIEW, NONE),
    Category: (KEEP, VIEW, NONE),
    OutcomeCategory: (KEEP, VIEW, NONE),
    # A draft of the county: what is shipped is looked at in test_admin_procedures.
    Procedure: (KEEP, VIEW, VIEW),
    Step: (KEEP, VIEW, VIEW),
    HandlingRules: (KEEP, VIEW, VIEW),
    Arrangement: (KEEP, VIEW, NONE),
    CalendarYear: (VIEW, VIEW, KEEP),
    CalendarDay: (VIEW, VIEW, KEEP),
    DutyRecord: (KEEP, VIEW, NONE),
    DutyType: (KEEP, VIEW, NONE),
    TrainingClass: (KEEP, VIEW, NONE),
    Meeting: (KEEP, VIEW, NONE),
    Appointment: (KEEP, VIEW, NONE),
    Township: (KEEP, VIEW, NONE),
    Station: (KEEP, VIEW, NONE),
    Reception: (KEEP, VIEW, NONE),
    OpinionItem: (KEEP, VIEW, NONE),
    Proposal: (VIEW, VIEW, NONE),
    Obligation: (VIEW, VIEW, NONE),
    Event: (VIEW, VIEW, NONE),
    Notice: (VIEW, VIEW, NONE),
    Digest: (VIEW, VIEW, NONE),
    NoticeText: (KEEP, VIEW, NONE),
    # The audit administrator's alone: tests/audit/test_register.py.
    Entry: (NONE, NONE, NONE),
}
# Grants are given to accounts, for bodies.
SECURITY = {Congress: VIEW, Unit: VIEW, Committee: VIEW, User: KEEP}
AUDITOR = {Entry: VIEW}
ADDED_BY_OTHERS = {("security", User)}
NEVER_ADDED = {Procedure, Step, HandlingRules, OpinionItem}
NEVER_DELETED = {User, Person, Step, Arrangement, OpinionItem}
SEES_ALL = {(role, model) for role in ("administrator", "security") for model in (Congress, Unit, Committee, User)}
SEES_ALL |= {("administrator", model) for model in (Term, Procedure, Step, HandlingRules)}


def rights_of(model: type[Model]) -> dict[str, str]:
    """What each role that may enter the admin does with a register."""
    named = dict(zip(("staff", "leader", "administrator"), RIGHTS[model], strict=True))
    return named | {"security": SECURITY.get(model, NONE), "auditor": AUDITOR.get(model, NONE)}


def test_every_register_stands_in_the_matrix() -> None:
    assert set(REGISTERS) == set(RIGHTS)


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model.__name__)
def test_rights_of_those_who_may_enter(registers: Registers, model: type[Model]) -> None:
    for role, right in rights_of(model).items():
        client, own = registers.client(role), registers.own[model].pk
        expected = {
            "changelist": 403 if right == NONE else 200,
            "add": 200 if right == KEEP and model not in NEVER_ADDED and (role, model) not in ADDED_BY_OTHERS else 403,
            "change": {KEEP: 200, VIEW: 200}.get(right),
            "delete": 200 if right == KEEP and model not in NEVER_DELETED else 403,
            "history": {KEEP: 200, VIEW: 200}.get(right),
        }
        for page, status in expected.items():
            args = () if page in ("changelist", "add") else (own,)
            found = client.get(url(model, page, *args)).status_code
            if right == NONE and args:
                assert found in (403, 404), (role, page)
            else:
                assert found == status, (role, page)
        if right != NONE:
            saves = "_save" in client.get(url(model, "change", own)).content.decode()
            assert saves == (right == KEEP), role
            if right == VIEW:
                assert client.post(url(model, "change", own), {}).status_code == 403


@pytest.mark.parametrize("model", REGISTERS, ids=lambda model: model.__name__)
def test_rows_of_another_county_do_not_exist(registers: Registers, model: type[Model]) -> None:
    if model not in registers.foreign:
        pytest.skip("shared by all counties")
    foreign = registers.foreign[model]
    for role in rights_of(model):
        if (role, model) in SEES_ALL:
            continue
        client = registers.client(role)
        assert registers.own[model]._meta.model.objects.filter(pk=foreign.pk).exists()
        for page in ("change", "delete", "history"):
            assert client.get(url(model, page, foreign.pk)).status_code in (403, 404), (role, page)
            assert client.post(url(model, page, foreign.pk), {"post": "yes"}).status_code in (403, 404, 405), (
                role,
                page,
            )
        assert model.objects.filter(pk=foreign.pk).exists()
        response = client.get(url(model, "changelist"))
        if response.status_code == 200:
            page = response.content.decode()
            assert "石桥" not in page
            assert url(model, "change", foreign.pk) not in page


@pytest.mark.parametrize("role", ["gov_office", "unit", "deputy", "township"])
def test_everybody_else_stays_outside(registers: Registers, role: str) -> None:
    client = registers.client(role)
    addresses = [reverse("admin:index"), *(url(model, "changelist") for model in REGISTERS)]
    addresses += [url(model, "change", row.pk) for model, row in registers.own.items()]
    for address in addresses:
        response = client.get(address, follow=True)
        assert response.status_code == 403, address


def test_nobody_enters_without_logging_in(registers: Registers) -> None:
    response = registers.client("nobody").get(url(Person, "changelist"))
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/deputies/person/")


def test_a_superuser_with_a_hat_is_what_the_hat_says(registers: Registers) -> None:
    unit_user = registers.users["unit"]
    unit_user.administers, unit_user.is_staff = "system", True
    unit_user.save()
    assert registers.client("unit").get(reverse("admin:index"), follow=True).status_code == 403


def test_staff_read_but_do_not_change_terms_of_the_congress_below(registers: Registers, world: object) -> None:
    from tests.factories import TermFactory

    below = TermFactory(congress=world.township, name="乡第五届")
    client = registers.client("staff")
    page = client.get(url(Term, "change", below.pk)).content.decode()
    assert "这是下级人大的资料" in page
    assert client.post(url(Term, "change", below.pk), {}).status_code == 403
