"""Items that a unit has acknowledged and talked about with the deputy, ready for its reply."""

import datetime as dt

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from proposals import services
from proposals.models import Proposal
from tests.factories import at
from tests.proposals.handing import acknowledged, given, waiting
from tests.world import World

TODAY = at(2026, 3, 20)


def talked(row: Proposal, user: User, *, day: int = 10, phase: str = "during", now: dt.datetime = TODAY) -> None:
    services.record_contact(
        proposal_id=row.pk, seen_version=None, user=user, now=now,
        contacted_on=at(2026, 3, day).date(), way="visit", summary="上门听取意见。", phase=phase,
    )  # fmt: skip


def ready(world: World, number: int = 1, *, how: dict | None = None, **fields: object) -> Proposal:
    """A suggestion that the education office may answer."""
    row = given(world, waiting(world, number, **fields), **(how or {}))
    acknowledged(row, world.unit_user)
    talked(row, world.unit_user)
    return Proposal.objects.get(pk=row.pk)


def reply_as(user: User, row: Proposal, world: World, **how: object) -> object:
    fields = {
        "seen_version": None,
        "now": TODAY,
        "replied_on": TODAY.date(),
        "document_no": "云教〔2026〕7号",
        "outcome": world.outcomes["A"],
        "body": "已增加班次。",
    }
    return services.reply(proposal_id=row.pk, user=user, **(fields | how))


def typed(world: World, row: Proposal, **fields: object) -> dict:
    """What the form of the reply sends."""
    return {
        "version": row.version,
        "replied_on": "2026-03-20",
        "document_no": "云教（2026）第07号",
        "outcome": world.outcomes["A"].pk,
        "body": "已增加班次。",
        "disclosure": "full",
        "signed_by": "孙局长",
        "contact_name": "孙丽",
        "contact_phone": "0574-12345678",
    } | fields


def send(user: User, act: str, row: Proposal, **fields: object) -> HttpResponse:
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"proposals:{act}", args=[row.pk]), fields)


def page(user: User, act: str, row: Proposal) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"proposals:{act}", args=[row.pk])).content.decode()
