"""Two counties with every register filled: what may be seen, and what must not."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from appointments.models import Appointment
from audit.models import Entry
from bodies.models import Committee, Congress, Meeting, Term, Township, Unit
from casework.models import CalendarDay, CalendarYear, Event, Obligation, Procedure, Step
from deputies.models import Delegation, DeputyGroup, Person, Seat
from duties.models import DutyRecord, DutyType
from liaison_stations.models import OpinionItem, Reception, Station
from notices.models import Digest, Notice, NoticeText
from proposals import services as proposals
from proposals.models import Arrangement, Category, HandlingRules, OutcomeCategory, Proposal
from tests import factories as make
from tests.factories import at
from tests.standing import standing
from tests.world import World, world  # noqa: F401
from training.models import TrainingClass

REGISTERS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@dataclass
class Registers:
    """For every registered model one row of the world's county and, where rows belong to a county, one of another."""

    own: dict[type[Model], Model]
    foreign: dict[type[Model], Model]
    users: dict[str, User]
    foreign_deputy: User

    def client(self, role: str) -> Client:
        client = Client()
        if role in self.users:
            client.force_login(self.users[role])
        return client


def submitted(deputy: User, category: Category) -> Proposal:
    row = proposals.create_draft(
        user=deputy,
        request_key=uuid.uuid4(),
        now=at(2026, 3, 2),
        title="关于校车安全的建议",
        body="校车超载。",
        category=category,
    )
    return proposals.submit(proposal_id=row.pk, seen_version=row.version, user=deputy, now=at(2026, 3, 2))


def digest(user: User, number: int = 0) -> Digest:
    """A digest that a user had, another one for each number."""
    now = at(2026, 3, 2)
    day = now.date() + dt.timedelta(days=number)
    return Digest.objects.create(
        recipient=user, day=day, title=f"{user}的提醒", created_at=now, next_try_at=now, state="sent", sent_at=now
    )


def new_registers(seat: Seat, sign: str) -> dict[type[Model], Model]:
    """One row of each register around a deputy's seat; every name begins with the sign."""
    congress, day = seat.term.congress, dt.date(2026, 3, 5)
    duty_type = DutyType.objects.create(congress=congress, name=f"{sign}走访")
    township = Township.objects.create(congress=congress, name=f"{sign}镇")
    station = Station.objects.create(congress=congress, name=f"{sign}联络站", township=township)
    reception = Reception.objects.create(station=station, received_on=day, seat=seat, matter=f"{sign}路灯不亮")
    meeting = Meeting.objects.create(term=seat.term, name=f"{sign}第三十次会议", held_on=day)
    return {
        DutyType: duty_type,
        DutyRecord: DutyRecord.objects.create(
            congress=congress,
            seat=seat,
            done_on=day,
            type=duty_type,
            topic=f"{sign}走访选民",
            suggestions=2,
            recorded_at=at(2026, 3, 5),
        ),
        TrainingClass: TrainingClass.objects.create(
            congress=congress, name=f"{sign}履职班", kind="duty", starts_on=day, attended=30
        ),
        Meeting: meeting,
        Appointment: Appointment.objects.create(
            congress=congress, name=f"{sign}某", post="局长", wording="appoint", meeting=meeting, decided_on=day
        ),
        Township: township,
        Station: station,
        Reception: reception,
        OpinionItem: OpinionItem.objects.create(
            station=station, reception=reception, raised_on=day, matter=reception.matter
        ),
    }


def draft_procedure(congress: Congress, name: str, code: str) -> tuple[Procedure, Step]:
    """A procedure that the congress has begun to write, and its only step."""
    procedure = Procedure.objects.create(code=code, name=name, case_kind="proposal", congress=congress, is_active=False)
    step = Step.objects.create(
        procedure=procedure,
        position=1,
        stage="submit",
        act="submit",
        code="s",
        label="提出",
        actor_role=Role.DEPUTY,
        verb="提交",
    )
    return procedure, step


def own_rules(congress: Congress, name: str) -> HandlingRules:
    return HandlingRules.objects.create(code=f"rules-{congress.pk}", name=name, congress=congress, reply="3M")


def build_registers(world: World) -> Registers:  # noqa: F811
    term = make.TermFactory(congress=world.foreign_congress, name="第九届")
    make.SessionFactory(term=term, name="石桥会次")
    proposals.prepare_term(term=term)
    foreign_deputy = make.UserFactory(
        username="fdeputy", name="外县代表", role=Role.DEPUTY, role__congress=world.foreign_congress
    )
    delegation = make.DelegationFactory(term=term, name="石桥代表团")
    person = make.PersonFactory(name="石桥人", phone="13911112222", user=foreign_deputy)
    seat = make.SeatFactory(term=term, delegation=delegation, person=person)
    category = Category.objects.create(congress=world.foreign_congress, name="石桥类别")
    theirs = submitted(foreign_deputy, category)
    ours = submitted(world.deputy, world.category)
    group = make.DeputyGroupFactory(term=world.term, name="城关小组")
    Person.objects.filter(pk=world.seat.person_id).update(initials="lcm", pinyin="li3")
    spare, step = draft_procedure(world.congress, "备用程序", "spare")
    foreign_spare, foreign_step = draft_procedure(world.foreign_congress, "石桥程序", "theirs")
    return Registers(
        own={
            Congress: world.congress,
            Term: world.term,
            Unit: world.education,
            Committee: Committee.objects.create(congress=world.congress, name="教科文卫委员会"),
            User: world.unit_user,
            Person: world.seat.person,
            Seat: world.seat,
            Delegation: world.seat.delegation,
            DeputyGroup: group,
            Category: world.category,
            OutcomeCategory: world.outcomes["A"],
            Procedure: spare,
            Step: step,
            HandlingRules: own_rules(world.congress, "云溪规则"),
            Arrangement: world.term.arrangement,
            CalendarYear: CalendarYear.objects.create(year=2026),
            CalendarDay: CalendarDay.objects.create(day=dt.date(2026, 10, 1), kind="rest", name="国庆节"),
            Proposal: ours,
            Obligation: ours.obligations.get(),
            Event: ours.events.get(),
            Notice: Notice.objects.get(recipient=world.staff),
            Digest: digest(world.staff),
            NoticeText: NoticeText.objects.create(congress=world.congress, rule="overdue", title="云溪：请{动作}"),
            Entry: Entry.objects.latest("pk"),
            **new_registers(world.seat, "云溪"),
        },
        foreign={
            Congress: world.foreign_congress,
            Term: term,
            Unit: world.foreign_unit,
            Committee: Committee.objects.create(congress=world.foreign_congress, name="石桥法制委员会"),
            User: world.stranger,
            Person: person,
            Seat: seat,
            Delegation: delegation,
            DeputyGroup: make.DeputyGroupFactory(term=term, name="石桥小组"),
            Category: category,
            OutcomeCategory: term.outcome_categories.first(),
            Procedure: foreign_spare,
            Step: foreign_step,
            HandlingRules: own_rules(world.foreign_congress, "石桥规则"),
            Arrangement: term.arrangement,
            Proposal: theirs,
            Obligation: theirs.obligations.get(),
            Event: theirs.events.get(),
            Notice: Notice.objects.get(recipient=world.stranger),
            Digest: digest(world.stranger),
            NoticeText: NoticeText.objects.create(
                congress=world.foreign_congress, rule="overdue", title="石桥：请{动作}"
            ),
            **new_registers(seat, "石桥"),
        },
        users={
            "staff": world.staff,
            "leader": world.leader,
            "administrator": make.UserFactory(username="root", name="系统管理员", administers="system", is_staff=True),
            "security": make.UserFactory(username="safe", name="安全管理员", administers="security"),
            "auditor": make.UserFactory(username="auditor", name="审计管理员", administers="audit"),
            "gov_office": world.gov_office,
            "unit": world.unit_user,
            "deputy": world.deputy,
            "township": world.township_user,
        },
        foreign_deputy=foreign_deputy,
    )


registers = standing("registers", build_registers)


def url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
