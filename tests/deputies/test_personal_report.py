# ruff: noqa: F811
"""个人信息报告: everything on one person, for himself and for staff of his congress, and for nobody else."""

import datetime as dt
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Entry, Kind
from deputies.models import DeputyGroup, GroupMember, Person, Seat
from duties.models import DutyRecord, DutyType
from notices.models import Address
from tests import factories as make
from tests.admin.conftest import Registers, registers  # noqa: F401
from tests.attacks.conftest import Realm, realm  # noqa: F401
from tests.factories import at
from tests.world import World, world  # noqa: F401
from training.models import Attendance, TrainingClass

pytestmark = pytest.mark.django_db
PHONE, ID_NUMBER, ADDRESS = "13800001111", "34012319670301001X", "云溪县城关镇人民路18号"
SECRETS = (PHONE, ID_NUMBER, ADDRESS)


@pytest.fixture
def person(world: World) -> Person:
    row = Person.objects.get(pk=world.seat.person_id)
    row.phone, row.id_number, row.address = SECRETS
    row.save()
    Address.objects.create(user=world.deputy, channel="email", address="li@example.org")
    Seat.objects.filter(pk=world.seat.pk).update(note="机密备注")
    group = DeputyGroup.objects.create(term=world.term, name="城关小组")
    GroupMember.objects.create(group=group, seat=world.seat, office="leader")
    kind = DutyType.objects.create(congress=world.congress, name="视察")
    DutyRecord.objects.create(
        congress=world.congress, seat=world.seat, done_on=dt.date(2026, 2, 1), type=kind, topic="视察学校",
        recorded_at=at(2026, 2, 2),
    )  # fmt: skip
    course = TrainingClass.objects.create(
        congress=world.congress, name="初任班", kind="initial", starts_on=dt.date(2026, 1, 5), attended=9
    )
    Attendance.objects.create(training_class=course, seat=world.seat)
    return row


def opened(user: object, person: Person, *, own: bool, file: bool = False) -> object:
    client = Client()
    client.force_login(user)
    page = "report-file" if file else "report"
    if own:
        return client.get(reverse(f"deputies:my-{page}"))
    return client.post(reverse(f"deputies:{page}", args=[person.pk]))


def entries(*kinds: str) -> list[tuple[str, str, str]]:
    rows = Entry.objects.filter(kind__in=kinds).order_by("pk")
    return [(row.kind, row.actor, row.object_label) for row in rows]


def test_the_deputy_reads_everything_on_himself(world: World, person: Person) -> None:
    page = opened(world.deputy, person, own=True)
    text = page.content.decode()
    for words in (
        *SECRETS, "机密备注", "城关小组（组长）", "li@example.org", "视察", "1 条，最近 2026-02-01", "初任班", "deputy", "第十八届",
    ):  # fmt: skip
        assert words in text, words
    assert "no-store" in page["Cache-Control"]
    # What is one's own is no look; that paper was made of it is written down.
    assert entries(Kind.UNMASK) == []
    assert entries(Kind.EXPORT) == [("export", "李春梅（deputy）", "个人信息报告（打印） 李春梅")]


def test_staff_read_it_on_a_click_that_is_written_down(world: World, person: Person) -> None:
    text = opened(world.staff, person, own=False).content.decode()
    assert all(words in text for words in (*SECRETS, "机密备注", "初任班", "已登记"))
    # Where he wants to be reminded is his own matter.
    assert "li@example.org" not in text
    assert entries(Kind.UNMASK, Kind.EXPORT) == [
        ("unmask", "张志强（staff）", "李春梅"),
        ("export", "张志强（staff）", "个人信息报告（打印） 李春梅"),
    ]
    again = opened(world.deputy, person, own=True).content.decode()
    assert "张志强（staff）" in again
    assert "查看 1 次" in again


def test_an_account_that_is_no_longer_theirs_is_not_staffs_matter(world: World, person: Person) -> None:
    world.deputy.phone = "13766665555"
    world.deputy.save()
    assert "13766665555" in opened(world.staff, person, own=False).content.decode()
    world.deputy.memberships.all().delete()
    text = opened(world.staff, person, own=False).content.decode()
    assert ("13766665555" in text, "账号现在不属于本单位管理" in text) == (False, True)


@pytest.mark.parametrize(
    "who", ["leader", "gov_office", "unit_user", "township_user", "other_deputy", "stranger", "deputy"]
)
def test_nobody_else_opens_it(world: World, person: Person, who: str) -> None:
    user = getattr(world, who)
    for file in (False, True):
        response = opened(user, person, own=False, file=file)
        assert response.status_code == 404
        assert not any(secret in response.content.decode() for secret in SECRETS)
    page = opened(user, person, own=True)
    assert page.status_code == (200 if who in {"other_deputy", "deputy"} else 404)
    if who != "deputy":
        assert PHONE not in page.content.decode()
    assert entries(Kind.UNMASK) == []
    client = Client()
    client.force_login(user)
    seen = client.get(reverse("deputies:person", args=[person.pk])).content.decode()
    assert ("打开个人信息报告" in seen, reverse("deputies:my-report") in seen) == (False, who == "deputy")


def test_who_held_a_seat_once_is_reported_on_too(world: World, person: Person) -> None:
    Seat.objects.filter(pk=world.seat.pk).update(status="ended", ended_on=dt.date(2024, 1, 1), end_reason="调离")
    text = opened(world.staff, person, own=False).content.decode()
    assert all(words in text for words in (PHONE, "至 2024-01-01", "调离"))


def test_the_workbook_says_the_same_and_who_took_it(world: World, person: Person) -> None:
    for own, who in ((True, world.deputy), (False, world.staff)):
        response = opened(who, person, own=own, file=True)
        sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
        cells = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
        assert cells[0] == ["类别", "项目", "内容"]
        assert ["基本资料", "手机", PHONE] in cells
        assert ["参加的培训", "初任班", "2026-01-05"] in cells
        assert ["领衔提出的建议议案", "", "没有"] in cells
        assert cells[-1][0].startswith(f"【导出记录】{who}（{who.username}）")
    assert [label for kind, _, label in entries(Kind.EXPORT)] == ["个人信息报告 李春梅"] * 2


def test_proposals_lead_to_where_the_reader_may_see_them(realm: Realm) -> None:
    found = Person.objects.get(pk=realm.world.seat.person_id)
    mine = opened(realm.world.deputy, found, own=True).content.decode()
    theirs = opened(realm.world.staff, found, own=False).content.decode()
    for row in (realm.under_review, realm.disclosed):
        assert all(reverse("proposals:case", args=[row.pk]) in text for text in (mine, theirs))
    # A draft is its author's alone.
    assert ("机密草稿" in mine, "机密草稿" in theirs) == (True, False)


def test_queries_do_not_grow(world: World, person: Person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert opened(world.staff, person, own=False).status_code == 200
        return len(found)

    few = queries()
    kind = DutyType.objects.get()
    for number in range(30):
        DutyRecord.objects.create(
            congress=world.congress, seat=world.seat, done_on=dt.date(2026, 2, 1), type=kind, topic=f"视察{number}",
            recorded_at=at(2026, 2, 2),
        )  # fmt: skip
        course = TrainingClass.objects.create(
            congress=world.congress, name=f"第{number}班", kind="initial", starts_on=dt.date(2026, 1, 5), attended=9
        )
        Attendance.objects.create(training_class=course, seat=world.seat)
    make.SeatFactory.create_batch(3, term=world.term, delegation=world.seat.delegation)
    assert queries() == few
