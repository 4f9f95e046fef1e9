"""Every address that takes more than GET, every role, own rows and others': what each write is answered stands in lines.

The lines: ``write_lines`` (acts on proposals), ``write_lines_pages``, ``write_lines_api``, ``write_lines_admin``. A new
address that takes POST and has no line fails by name. To add one: a ``Line`` with its name, the rows of its address,
a body that somebody's rights make good, and fifteen letters, one for each of ``answers.WHO``:

    W  done: rows were written                .  404       x  403       m  405       ?  401
    o  answered (200), nothing written        C  409       F  400 or 422, the form again
    R  led elsewhere, nothing written         L  led to the log-in       K  a file was kept for the next step

Whatever is not W leaves every table but the trail and the sessions as it was, sends nothing (mail, task, notice),
opens no file for writing, and shows no word of rows that the role does not see: see ``watching`` and ``answers``.
What a row needs to stand where it does is made in ``stages``.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from celery import current_app
from django.conf import LazySettings
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse

from notices.models import Notice
from tests.admin.conftest import REGISTERS
from tests.attacks import write_lines, write_lines_admin, write_lines_api, write_lines_pages
from tests.attacks.answers import WHO, Line, asked, asked_at, key_of
from tests.attacks.api_lines import API, API_PAGES
from tests.attacks.stages import Stages, stages  # noqa: F401 - a fixture
from tests.attacks.test_url_matrix import (
    ACCOUNT_PAGES,
    ADMIN_PAGES,
    AGAIN,
    AUDIT,
    CLOSED,
    COPIES,
    FORMS,
    OF_A_FACTOR,
    ROLES,
    WORKBENCH,
)
from tests.attacks.watching import watched

PAGES = write_lines_pages.PAGES
# A provider that is not set up does not exist; whether the services are well is told to any method.
OTHERWISE = {"openid_connect_login": ".", "openid_connect_callback": ".", "healthz": "!o"}
# What is done leaves no row: a cookie, the session, a look that the trail notes, a file to take away.
WITHOUT_ROWS = {
    "account_inactive", "account_logout", "accounts:end_session", "ballot:enter", "deputies:look",
    "deputies:look-correction", "deputies:report", "deputies:report-file", "large_type", "mfa_index", "mfa_list_webauthn",
    "mfa_download_recovery_codes", "mfa_view_recovery_codes", "reply-preview", "usersessions_list", "wear",
}  # fmt: skip
# Rows of the realm that others refer to: the page that deletes says so.
IN_USE = {
    f"delete {name}"
    for name in (
        "Category", "Committee", "Congress", "Delegation", "DutyType", "Meeting", "Seat", "Station", "Term", "Township", "Unit",
    )
}  # fmt: skip
# What only a key can answer: tests/accounts/test_passkeys.py.
OF_A_KEY = {
    "mfa_add_webauthn", "mfa_login_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
}  # fmt: skip


@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.VAR = tmp_path


@pytest.fixture(autouse=True)
def quick(stages: Stages) -> Iterator[None]:  # noqa: F811
    """Thousands of requests in tables of a few rows: no time goes into plans of joins and collections of garbage."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1")
    yield
    gc.set_threshold(*before)


def wrong(stages: Stages, lines: Iterable[Line]) -> list[str]:  # noqa: F811
    """What the answers to the lines are instead of what stands there."""
    found = []
    for line in lines:
        assert len(line.letters) == len(WHO), line
        told = [asked(stages, line, who) for who in WHO]
        letters = "".join(letter for letter, _ in told)
        if letters != line.letters:
            found.append(f"{line}: expected {line.letters}, found {letters}")
        found += [f"{line} by {who}: {what}" for who, (_, faults) in zip(WHO, told, strict=True) for what in faults]
    return found


@pytest.mark.parametrize("door", ["pages", "api"])
def test_acts(stages: Stages, door: str) -> None:  # noqa: F811
    lines = [line for line in write_lines.acts() if line.is_json == (door == "api")]
    assert not (found := wrong(stages, lines)), "\n".join(found)


def test_acts_on_rows_of_another_county(stages: Stages) -> None:  # noqa: F811
    assert not (found := wrong(stages, write_lines.abroad())), "\n".join(found)


def app_of(line: Line) -> str:
    """The app whose address it is; the account for the log-in library's."""
    return line.name.partition(":")[0] if ":" in line.name else "account"


@pytest.mark.parametrize("app", sorted({app_of(line) for line in PAGES}))
def test_pages(stages: Stages, app: str) -> None:  # noqa: F811
    assert not (found := wrong(stages, [line for line in PAGES if app_of(line) == app])), "\n".join(found)


def test_registers_of_the_api(stages: Stages) -> None:  # noqa: F811
    assert not (found := wrong(stages, write_lines_api.registers())), "\n".join(found)


@pytest.mark.parametrize("part", range(4))
def test_registers_of_the_admin(stages: Stages, part: int) -> None:  # noqa: F811
    found = []
    for model in REGISTERS[part::4]:
        lines = write_lines_admin.row_of(model)
        for what, (address, body) in write_lines_admin.asked_of(stages, model).items():
            expected = write_lines_admin.cells(lines[what])
            told = [asked_at(stages, address, body, who) for who in WHO]
            if (letter := "".join(letter for letter, _ in told)) != expected:
                found.append(f"{what} {model.__name__}: expected {expected}, found {letter}")
            found += [f"{what} {model.__name__}: {fault}" for _, faults in told for fault in faults]
    assert not found, "\n".join(found)


def test_other_pages_of_the_admin(stages: Stages) -> None:  # noqa: F811
    lines = [
        Line(f"admin:{name}", rows, body, write_lines_admin.cells(letters))
        for name, rows, body, letters in write_lines_admin.OWN_PAGES
    ]
    lines += write_lines_admin.SITE_PAGES
    assert not (found := wrong(stages, lines)), "\n".join(found)


def test_every_address_that_writes_has_its_line(stages: Stages) -> None:  # noqa: F811
    """Whatever has no line here answers 405 to every method that writes, also to somebody who may read it."""
    lined = {line.name for line in [*write_lines.acts(), *PAGES, *write_lines_api.registers()]} | set(CLOSED)
    found = []
    # How an address takes a method does not depend on the row: one that somebody reads, where there is one.
    lines = sorted([*WORKBENCH, *API, *API_PAGES], key=lambda line: 200 in line)
    for name, rows, *statuses in {line[0]: line for line in lines}.values():
        reader = next((role for role, status in zip(ROLES, statuses, strict=True) if status == 200), "staff")
        methods = ["PUT", "PATCH", "DELETE"] if name in lined else ["POST", "PUT", "PATCH", "DELETE"]
        address = reverse(name, args=[key_of(stages, one) for one in rows.split(",") if one])
        for method in methods:
            letter, faults = asked_at(stages, address, {}, reader, method=method, is_json=True)
            if letter not in OTHERWISE.get(name, "m") or faults:
                found.append(f"{method} {name} {rows} by {reader}: {letter} {faults}")
    assert not found, "\n".join(found)
    known = {line[0] for line in [*WORKBENCH, *API, *API_PAGES]} | ACCOUNT_PAGES | OF_A_FACTOR | set(CLOSED)
    assert lined <= known
    assert lined >= ACCOUNT_PAGES | OF_A_FACTOR
    assert {model.__name__ for model in REGISTERS} == set(write_lines_admin.REGISTER_CELLS)
    assert {line.name for line in write_lines_admin.SITE_PAGES} == {f"admin:{name}" for name in ADMIN_PAGES - {"?"}}
    own_pages = {*FORMS, *COPIES, *AGAIN, *AUDIT, "auth_user_password_change"}
    assert {name for name, *_ in write_lines_admin.OWN_PAGES} == own_pages


def test_every_line_has_a_body_that_is_good_for_somebody() -> None:
    """A refusal of what nobody could do says nothing."""
    done: dict[str, bool] = {}
    for line in [*write_lines.acts(), *PAGES, *write_lines_api.registers()]:
        name = line.name.removeprefix("api:proposal-").removeprefix("proposals:")
        done[name] = done.get(name, False) or "W" in line.letters
    for name, cells in write_lines_admin.REGISTER_CELLS.items():
        for what, letters in zip(write_lines_admin.WHATS[:3], cells, strict=False):
            if set(letters) & set("oW"):
                done[f"{what} {name}"] = "W" in letters
    assert sorted({name for name, is_done in done.items() if not is_done} - WITHOUT_ROWS - OF_A_KEY - IN_USE) == []


def test_what_is_watched_is_seen(stages: Stages, tmp_path: Path) -> None:  # noqa: F811
    """Otherwise nothing above would mean anything."""
    user, count = stages.realm.world.staff, Notice.objects.count()
    with watched() as traces:
        Notice.objects.filter(pk=Notice.objects.earliest("pk").pk).update(title="另一个")
        mail.send_mail("信", "内容", None, ["a@example.com"])
        transaction.on_commit(print)
        current_app.send_task("notices.tasks.deliver_pending")
        (tmp_path / "kept").write_text("x")
    assert traces.tables == {"notices_notice"}
    assert traces.sent == ["task notices.tasks.deliver_pending", "mail 信", f"on commit: {print}"]
    assert traces.files == [str(tmp_path / "kept")]
    assert (len(mail.outbox), Notice.objects.filter(title="另一个").exists()) == (0, False)
    with watched() as traces:
        with suppress(ValueError), transaction.atomic():
            Notice.objects.all().delete()
            raise ValueError
        list(Notice.objects.select_for_update())
        user.refresh_from_db()
    assert (bool(traces), Notice.objects.count()) == (False, count)
