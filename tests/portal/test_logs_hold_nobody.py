"""What the portal logs, as an office's log server gets it, holds nobody's data and nobody's secret, whatever happens."""

import io
import json
import logging
from collections.abc import Iterator
from logging.config import dictConfig

import pytest
from allauth.mfa.models import Authenticator
from celery.app.trace import build_tracer
from django.conf import settings as portal_settings
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from deputies.models import Person
from portal import logs
from portal.celery import app
from tests import factories as make
from tests.accounts.conftest import PASSWORD, SECRET, code_now, enter, with_factor, with_password, with_phone
from tests.accounts.soft_key import SoftKey
from tests.api.conftest import Program, program
from tests.world import World

pytestmark = pytest.mark.django_db
PHONE, ID_NUMBER, ADDRESS = "13800001111", "34012319670301001X", "云溪县城关镇人民路18号"
OTHER_PHONE, WRONG = "13900002222", "Wrong-horse-1"
SECRETS = {PHONE, ID_NUMBER, ADDRESS, OTHER_PHONE, WRONG, PASSWORD, SECRET}


@pytest.fixture(params=[True, False], ids=["production", "trial"])
def stream(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """The stream to which the portal's own configuration of logs writes, with every logger that libraries have."""
    dictConfig(logs.configure(level="INFO", as_json=request.param))
    (handler,) = logging.getLogger().handlers
    written = io.StringIO()
    handler.setStream(written)
    yield written
    dictConfig(portal_settings.LOGGING)


@pytest.fixture
def person(world: World) -> Person:
    row = Person.objects.get(pk=world.seat.person_id)
    row.phone, row.id_number, row.address = PHONE, ID_NUMBER, ADDRESS
    row.save()
    return row


def found_in(text: str, *more: str) -> set[str]:
    """Which secrets stand in a text, as they are or as JSON and forms write them."""
    return {one for one in SECRETS | set(more) if one in text or json.dumps(one).strip('"') in text}


def test_logging_in_by_whatever_way(world: World, stream: io.StringIO) -> None:
    user = with_factor(with_phone(with_password(world.deputy), PHONE))
    client = Client(SERVER_NAME="localhost")
    # A password in the box of the name, and somebody else's phone.
    for name in (PHONE, "deputy", PASSWORD, OTHER_PHONE):
        enter(client, name, WRONG)
    enter(client, PHONE)
    client.post("/accounts/2fa/authenticate/", {"code": "00000x"})
    client.post("/accounts/2fa/authenticate/", {"credential": SoftKey().sign({"publicKey": {"challenge": "x"}})})
    code = code_now()
    client.post("/accounts/2fa/authenticate/", {"code": code})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/recovery-codes/generate/")
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": WRONG, "password2": WRONG + "x"})
    cookies = [cookie.value for cookie in client.cookies.values() if len(cookie.value) > 8]
    assert len(cookies) >= 2
    for _ in range(6):
        enter(Client(), PHONE, WRONG)
    forged = Client(enforce_csrf_checks=True)
    enter(forged, PHONE, WRONG)
    text = stream.getvalue()
    assert text.count("request_finished") >= 15
    # It locked, and the library said so.
    assert "429" in text
    assert found_in(text, code, *codes, *cookies) == set()


def test_working_with_people(world: World, person: Person, stream: io.StringIO) -> None:
    client = Client()
    client.force_login(world.staff)
    client.get("/deputies/", {"q": PHONE})
    client.get("/admin/deputies/person/", {"q": ID_NUMBER})
    client.get(
        "/admin/autocomplete/", {"app_label": "deputies", "model_name": "seat", "field_name": "person", "term": PHONE}
    )
    client.post(reverse("deputies:look", args=[person.pk]))
    change = reverse("admin:deputies_person_change", args=[person.pk])
    page = client.get(change)
    assert (page.status_code, found_in(page.content.decode())) == (200, set())
    client.post(change, {"name": "", "phone": PHONE + "9", "id_number": ID_NUMBER + "9", "address": ADDRESS})
    sheet = client.get(reverse("admin:deputies_seat_export"))
    assert b"".join(sheet.streaming_content)[:2] == b"PK"
    client.post(
        reverse("admin:deputies_seat_import"), {"congress": PHONE, "file": io.BytesIO(f"{PHONE},{ADDRESS}".encode())}
    )
    client.post("/notices/addresses/", {"email": f"{PHONE}@x", "wecom": ADDRESS})
    text = stream.getvalue()
    assert text.count("request_finished") >= 8
    assert found_in(text) == set()


def test_programs(world: World, person: Person, stream: io.StringIO) -> None:
    who = program(world.staff)
    token = who.defaults["HTTP_AUTHORIZATION"].split()[1]
    who.get("/api/v1/seats/", {"search": PHONE})
    who.send("units/", {"name": ADDRESS, "contact_phone": [PHONE]}, Idempotency_Key=PHONE)
    who.post("/api/v1/units/", data=f'{{"name": "{ADDRESS}', content_type="application/json")
    Program("npc_" + WRONG).get("/api/v1/seats/")
    text = stream.getvalue()
    assert text.count("request_finished") == 4
    assert found_in(text, token) == set()


@override_settings(ROOT_URLCONF="tests.portal.failing_urls")
def test_what_fails_shows_nobody_either(world: World, stream: io.StringIO) -> None:
    with_phone(world.deputy, PHONE)
    for address, words in (
        ("/fails/twice/", "duplicate key value violates unique constraint"),
        ("/fails/no-number/", "invalid input syntax for type bigint"),
        ("/fails/large-number/", "is out of range for type integer"),
        ("/fails/missing/", "404"),
    ):
        client = Client(raise_request_exception=False)
        client.force_login(world.staff)
        with transaction.atomic():
            page = client.post(address, {"name": ADDRESS, "phone": PHONE, "password": WRONG, "id": ID_NUMBER})
            transaction.set_rollback(True)
        assert page.status_code == (404 if "missing" in address else 500)
        assert found_in(page.content.decode()) == set()
        assert words in stream.getvalue()
        assert found_in(stream.getvalue(), *[cookie.value for cookie in client.cookies.values()]) == set()


def test_a_task_that_fails(world: World, stream: io.StringIO) -> None:
    with_phone(world.deputy, PHONE)

    def fail(**kwargs: str) -> None:
        make.UserFactory(phone=kwargs["phone"])

    task = app.task(name="tests.fail")(fail)
    run = build_tracer(task.name, task, app=app)
    with transaction.atomic():
        run(
            "1",
            [],
            {"phone": PHONE, "address": ADDRESS},
            {"args": [PHONE], "kwargs": {"phone": PHONE, "address": ADDRESS}},
        )
        transaction.set_rollback(True)
    app.tasks.pop(task.name)
    text = stream.getvalue()
    assert "duplicate key value violates unique constraint" in text
    assert found_in(text) == set()


def test_an_import_that_the_database_refuses(world: World, stream: io.StringIO) -> None:
    with_phone(world.deputy, PHONE)
    try:
        with transaction.atomic():
            User.objects.create(username="twice", name=ADDRESS, phone=PHONE)
    except IntegrityError:
        logging.getLogger("workbooks.importing").exception("import of %s refused by the database", "deputies")
    assert "import of deputies refused" in stream.getvalue()
    assert found_in(stream.getvalue(), world.deputy.phone_digest) == set()
