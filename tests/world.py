"""A small county with everybody in it, for service and page tests."""

from dataclasses import dataclass, field

from accounts.models import Role, User
from bodies.models import Congress, Level, Session, Term, Unit
from deputies.models import Seat
from proposals import services as proposals
from proposals.models import Category
from tests import factories as make
from tests.standing import standing


@dataclass
class World:
    """The county, its users by role, three units, two deputies; and a stranger in another county."""

    congress: Congress
    township: Congress
    term: Term
    session: Session
    education: Unit
    police: Unit
    transport: Unit
    staff: User
    leader: User
    gov_office: User
    unit_user: User
    police_user: User
    township_user: User
    deputy: User
    other_deputy: User
    seat: Seat
    other_seat: Seat
    category: Category
    stranger: User
    foreign_congress: Congress
    foreign_unit: Unit
    outcomes: dict = field(default_factory=dict)


def build_world() -> World:
    """Create the county."""
    congress = make.CongressFactory(code="990100", name="云溪县")
    township = make.CongressFactory(code="990100101", name="城关镇", level=Level.TOWNSHIP, parent=congress)
    foreign = make.CongressFactory(code="990200", name="石桥县")
    term = make.TermFactory(congress=congress)
    session = make.SessionFactory(term=term)
    proposals.install_procedures()
    proposals.prepare_term(term=term)
    units = [
        make.UnitFactory(congress=congress, name=name, sort=sort)
        for sort, name in enumerate(["县交通运输局", "县公安局", "县教育局"])
    ]

    def user(username: str, name: str, role: Role, unit: Unit | None = None, where: Congress = congress) -> User:
        return make.UserFactory(username=username, name=name, role=role, role__congress=where, role__unit=unit)

    deputy = user("deputy", "李春梅", Role.DEPUTY)
    other_deputy = user("deputy2", "阿卜杜拉·买买提", Role.DEPUTY)
    delegation = make.DelegationFactory(term=term, name="城关代表团", township=township)
    elsewhere = make.DelegationFactory(term=term, name="北岭代表团")
    seat = make.SeatFactory(term=term, delegation=delegation, person__name="李春梅", person__user=deputy)
    other_seat = make.SeatFactory(
        term=term, delegation=elsewhere, person__name="阿卜杜拉·买买提", person__gender="男", person__user=other_deputy
    )
    return World(
        congress=congress,
        township=township,
        term=term,
        session=session,
        education=units[2],
        police=units[1],
        transport=units[0],
        staff=user("staff", "张志强", Role.STAFF),
        leader=user("leader", "陈主任", Role.LEADER),
        gov_office=user("gov", "赵敏", Role.GOV_OFFICE),
        unit_user=user("unit", "孙丽", Role.UNIT, units[2]),
        police_user=user("police", "周强", Role.UNIT, units[1]),
        township_user=user("township", "吴军", Role.TOWNSHIP, where=township),
        deputy=deputy,
        other_deputy=other_deputy,
        seat=seat,
        other_seat=other_seat,
        category=Category.objects.create(congress=congress, name="教科文卫"),
        stranger=user("stranger", "外县人", Role.STAFF, where=foreign),
        foreign_congress=foreign,
        foreign_unit=make.UnitFactory(congress=foreign, name="石桥县教育局"),
        outcomes={row.code: row for row in term.outcome_categories.all()},
    )


world = standing("world", build_world)
