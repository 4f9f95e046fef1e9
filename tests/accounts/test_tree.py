"""Province, city, county, township: whoever sits above sees what lies below, nobody sees beside or above himself."""

import pytest

from accounts.models import Role, User
from bodies.models import Congress, Level, Term
from deputies.models import Person, Seat
from tests import factories as make

pytestmark = pytest.mark.django_db

TREE = {
    "省": (Level.PROVINCE, None),
    "甲市": (Level.CITY, "省"),
    "甲县": (Level.COUNTY, "甲市"),
    "甲镇": (Level.TOWNSHIP, "甲县"),
    "乙县": (Level.COUNTY, "甲市"),
    "丙市": (Level.CITY, "省"),
    "丙镇": (Level.TOWNSHIP, "丙市"),
}
BELOW = {
    "省": set(TREE),
    "甲市": {"甲市", "甲县", "甲镇", "乙县"},
    "甲县": {"甲县", "甲镇"},
    "甲镇": {"甲镇"},
    "乙县": {"乙县"},
    "丙市": {"丙市", "丙镇"},
    "丙镇": {"丙镇"},
}


@pytest.fixture
def staff() -> dict[str, User]:
    """One member of staff for every congress of the tree; each congress has one deputy, named after it."""
    bodies: dict[str, Congress] = {}
    for name, (level, parent) in TREE.items():
        bodies[name] = make.CongressFactory(name=name, level=level, parent=bodies.get(parent))
        term = make.TermFactory(congress=bodies[name])
        make.SeatFactory(term=term, delegation__term=term, person__name=f"{name}代表")
    return {
        name: make.UserFactory(username=f"staff-{name}", role=Role.STAFF, role__congress=body)
        for name, body in bodies.items()
    }


@pytest.mark.parametrize("name", TREE)
def test_staff_see_their_own_body_and_all_below(staff: dict[str, User], name: str) -> None:
    user, wanted = staff[name], BELOW[name]
    assert set(Congress.objects.visible_to(user).values_list("name", flat=True)) == wanted
    assert set(Term.objects.visible_to(user).values_list("congress__name", flat=True)) == wanted
    assert set(Seat.objects.visible_to(user).values_list("person__name", flat=True)) == {f"{one}代表" for one in wanted}
    assert set(Person.objects.visible_to(user).values_list("name", flat=True)) == {f"{one}代表" for one in wanted}
    assert set(User.objects.visible_to(user)) == {staff[one] for one in wanted}


def test_others_than_staff_and_leaders_see_deputies_of_their_own_body_alone(staff: dict[str, User]) -> None:
    city = staff["甲市"].hat.congress
    unit = make.UnitFactory(congress=city)
    for role, extra in ((Role.GOV_OFFICE, {}), (Role.UNIT, {"unit": unit}), (Role.DEPUTY, {})):
        user = make.UserFactory(
            role=role, role__congress=city, **{f"role__{key}": value for key, value in extra.items()}
        )
        assert set(Seat.objects.visible_to(user).values_list("person__name", flat=True)) == {"甲市代表"}, role
        assert list(User.objects.visible_to(user)) == [user]


def test_the_three_administrators_see_bodies_but_no_deputies(staff: dict[str, User]) -> None:
    del staff
    for administers, bodies in (("system", set(TREE)), ("security", set(TREE)), ("audit", set())):
        user = make.UserFactory(administers=administers)
        assert set(Congress.objects.visible_to(user).values_list("name", flat=True)) == bodies
        assert not Seat.objects.visible_to(user).exists()
        assert not Person.objects.visible_to(user).exists()
        assert User.objects.visible_to(user).count() == (1 if administers == "audit" else User.objects.count())
