"""Who reads what passes between the offices, and that whoever is to act sees the item."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from casework.models import Step
from proposals import services
from proposals.abilities import abilities
from proposals.models import Proposal
from proposals.queries import visible_proposal
from proposals.services.requesting import ask_extension
from tests.factories import at
from tests.proposals.test_proposal_path import assigned, registered
from tests.world import World

pytestmark = pytest.mark.django_db


def page(user: User, row: Proposal) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("proposals:case", args=[row.pk])).content.decode()


def test_government_office_sees_what_waits_for_it_to_assign(world: World) -> None:
    row = registered(world)
    assert not Proposal.objects.visible_to(world.gov_office).exists()
    Step.objects.filter(procedure=row.procedure, code="assign").update(actor_role="gov_office")
    assert "assign" in abilities(world.gov_office, visible_proposal(world.gov_office, row.pk))


def test_deputies_do_not_read_what_units_ask_of_the_offices(world: World) -> None:
    row = assigned(world, disclosure="full")
    now = at(2026, 3, 5)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now)
    ask_extension(
        proposal_id=row.pk,
        seen_version=None,
        user=world.unit_user,
        now=now,
        wanted_until=dt.date(2026, 7, 1),
        reason="机密：班车招标未完成",
        signed_by="孙局长",
    )
    assert "机密：班车招标未完成" in page(world.staff, row)
    assert "审批延期" in page(world.staff, row)
    for reader in (world.deputy, world.other_deputy):
        assert "县教育局" in page(reader, row)
        assert "机密" not in page(reader, row)
        assert "审批延期" not in page(reader, row)
