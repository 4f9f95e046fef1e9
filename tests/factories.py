"""Rows for tests, each with just what the database demands."""

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Membership, Role, User
from bodies.models import Congress, Level, Session, Term, Unit
from deputies.models import Delegation, DeputyGroup, Person, Seat

PASSWORD = "correct horse battery staple"


class CongressFactory(DjangoModelFactory):
    class Meta:
        model = Congress

    # Far from those of the world, however many there have been.
    code = factory.Sequence(lambda n: f"{100000 + n}")
    name = factory.Sequence(lambda n: f"第{n}县")
    level = Level.COUNTY


class TermFactory(DjangoModelFactory):
    class Meta:
        model = Term

    congress = factory.SubFactory(CongressFactory)
    name = "第十八届"
    starts_on = dt.date(2022, 1, 1)
    ends_on = dt.date(2027, 12, 31)


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = Session

    term = factory.SubFactory(TermFactory)
    name = "第五次会议"
    starts_on = dt.date(2026, 1, 12)
    ends_on = dt.date(2026, 1, 15)


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    congress = factory.SubFactory(CongressFactory)
    name = factory.Sequence(lambda n: f"第{n}局")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"用户{n}")

    @factory.post_generation
    def role(self, create: bool, role: Role | None, **kwargs: object) -> None:
        if create and role:
            Membership.objects.create(user=self, role=role, congress=kwargs["congress"], unit=kwargs.get("unit"))


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"代表{n}")
    gender = "女"


class DelegationFactory(DjangoModelFactory):
    class Meta:
        model = Delegation

    term = factory.SubFactory(TermFactory)
    name = factory.Sequence(lambda n: f"第{n}代表团")


class DeputyGroupFactory(DjangoModelFactory):
    class Meta:
        model = DeputyGroup

    term = factory.SubFactory(TermFactory)
    name = factory.Sequence(lambda n: f"第{n}小组")


class SeatFactory(DjangoModelFactory):
    class Meta:
        model = Seat

    person = factory.SubFactory(PersonFactory)
    term = factory.SubFactory(TermFactory)
    delegation = factory.SubFactory(DelegationFactory, term=factory.SelfAttribute("..term"))
    started_on = factory.SelfAttribute("term.starts_on")


def at(year: int, month: int, day: int, hour: int = 10) -> dt.datetime:
    """Return a moment in Asia/Shanghai."""
    return timezone.make_aware(dt.datetime(year, month, day, hour))  # noqa: DTZ001 - made aware here
