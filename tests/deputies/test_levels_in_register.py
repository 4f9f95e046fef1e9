"""The register of deputies is the own congress's; those of other levels are one click away and never exported unasked."""

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from deputies.models import GroupMember, Seat
from tests import factories as make
from tests.deputies.test_deputy_cells import seat_of_city
from tests.forms.support import counts, run_file
from tests.world import World

pytestmark = pytest.mark.django_db


def clerk(world: World) -> Client:
    world.staff.is_staff = True
    world.staff.save()
    client = Client()
    client.force_login(world.staff)
    return client


def shown(client: Client, **query: str) -> set[str]:
    response = client.get(reverse("admin:deputies_seat_changelist"), query)
    return {seat.person.name for seat in response.context["cl"].result_list}


def test_other_levels_are_listed_when_asked_for(world: World) -> None:
    own = set(Seat.objects.filter(term=world.term).values_list("person__name", flat=True))
    city = seat_of_city(world, "周望舒")
    GroupMember.objects.create(group=make.DeputyGroupFactory(term=world.term), seat=city)
    client = clerk(world)
    assert shown(client) == own
    assert shown(client, level="3") == {"周望舒"}
    assert shown(client, level="all") == own | {"周望舒"}
    assert shown(client, level="9") == set()
    groups = client.get(reverse("admin:index")).context["app_list"]
    counts_shown = {model["object_name"]: model.get("count") for group in groups for model in group["models"]}
    assert counts_shown["Seat"] == len(own)


def test_the_register_exported_comes_back_unchanged(world: World) -> None:
    city = seat_of_city(world, "周望舒")
    GroupMember.objects.create(group=make.DeputyGroupFactory(term=world.term), seat=city)
    response = clerk(world).get(reverse("admin:deputies_seat_export"))
    file = b"".join(response.streaming_content)
    path = io.BytesIO(file)
    assert openpyxl.load_workbook(path).worksheets[0].max_row == 2 + Seat.objects.filter(term=world.term).count()
    assert counts(run_file("deputies", io.BytesIO(file), congress=world.congress)) == (
        f"新增 0、更新 0、未变 {Seat.objects.filter(term=world.term).count()}"
    )
