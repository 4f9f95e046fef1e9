"""The annual workbook made in the background: asked for once, watched, cancelled, killed, handed over."""

import re
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role
from notices.models import Message
from notices.services import deliver_pending
from reports import services, tasks
from reports.models import ReportFile, ReportRun, RunState
from reports.scope import UnableToReport
from tests import factories as make
from tests.concurrently import backend_exists, beside, kill, table_locked, until, waiting_for, worker
from tests.factories import at
from tests.reports.test_figures import EXPECTED
from tests.reports.year_of_county import write_year
from tests.threads import at_once
from tests.world import World

NOW = at(2026, 3, 2)
committed = pytest.mark.django_db(transaction=True)
# Read by the ninth sheet alone.
MEMBERS = "liaison_stations_stationdeputy"


def ask(world: World, **fields: object) -> ReportRun:
    given = {"congress": world.congress, "year": 2025, "user": world.staff, "now": NOW} | fields
    return services.ask_for_report(**given)


def make_it(run: ReportRun) -> bool:
    return services.make_report(run_id=run.pk, clock=lambda: at(2026, 3, 2, 11))


def as_(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


@committed
def test_workbook_is_made_stored_and_told(world: World) -> None:
    write_year(world)
    run = ask(world)
    assert (run.state, run.attempts) == (RunState.WAITING, 0)
    assert make_it(run) is True
    run.refresh_from_db()
    assert (run.state, run.attempts, run.finished_at, run.error) == (RunState.DONE, 1, at(2026, 3, 2, 11), "")
    book = openpyxl.load_workbook(BytesIO(bytes(run.file.content)))
    assert len(book.sheetnames) == 12
    assert {row[0]: row[1] for row in book["总览"].iter_rows(min_row=4, values_only=True)} == {
        name: float(value) for name, value in EXPECTED.items()
    }
    assert "统计日2026年3月2日" in book["总览"]["A2"].value
    deliver_pending(now=at(2026, 3, 2, 12))
    told = [(row.recipient, row.title, row.url) for row in Message.objects.all()]
    assert told == [(world.staff, "云溪县2025年度报表已经生成，可以下载", "/reports/annual/")]
    # Done twice is done once.
    assert make_it(run) is False
    assert ReportFile.objects.count() == 1


@committed
def test_task_makes_everything_that_waits(world: World) -> None:
    runs = [ask(world), ask(world, user=world.leader), ask(world, year=2024)]
    tasks.make_reports(told_by="an older version")
    assert [ReportRun.objects.get(pk=run.pk).state for run in runs] == [RunState.DONE] * 3


def test_asking_twice_is_one_workbook_until_it_is_finished(world: World) -> None:
    first = ask(world)
    assert ask(world) == first
    assert ask(world, year=2024) != first
    assert ask(world, user=world.leader) != first
    ReportRun.objects.filter(pk=first.pk).update(state=RunState.DONE, finished_at=NOW)
    assert ask(world) != first


@committed
def test_asking_twice_at_the_same_moment_is_one_workbook(world: World) -> None:
    first, second = at_once(lambda: ask(world), lambda: ask(world))
    assert first == second
    assert ReportRun.objects.count() == 1


def test_year_without_a_term_is_refused(world: World) -> None:
    with pytest.raises(UnableToReport):
        ask(world, year=2035)
    assert ReportRun.objects.count() == 0


@committed
def test_progress_is_seen_while_the_sheets_are_written_and_one_worker_writes(world: World) -> None:
    write_year(world)
    run = ask(world)
    with beside() as elsewhere:
        with table_locked(MEMBERS, "ACCESS EXCLUSIVE"):
            making = elsewhere(lambda: make_it(run))
            until(lambda: waiting_for(MEMBERS), what="the ninth sheet")
            html = as_(world.staff).get("/reports/annual/").content.decode()
            assert "正在写入 联络站 9/12" in html
            assert '<progress max="12" value="9"' in html
            assert 'hx-trigger="every 2s"' in html
            # Redelivered by the broker, or found by the sweep: another worker is at it.
            assert make_it(run) is False
        assert making.result() is True
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.DONE, 1)


@committed
def test_cancelled_in_the_middle_leaves_no_file_and_tells_nobody(world: World) -> None:
    run = ask(world)
    with beside() as elsewhere:
        with table_locked(MEMBERS, "ACCESS EXCLUSIVE"):
            making = elsewhere(lambda: make_it(run))
            until(lambda: waiting_for(MEMBERS), what="the ninth sheet")
            services.cancel_report(run_id=run.pk, user=world.staff, now=NOW)
        assert making.result() is False
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (RunState.CANCELLED, NOW)
    assert (ReportFile.objects.count(), deliver_pending(now=NOW).total) == (0, 0)


@committed
@pytest.mark.processes
def test_workbook_of_a_killed_worker_is_made_by_the_next(world: World) -> None:
    write_year(world)
    run = ask(world)
    with table_locked(MEMBERS, "ACCESS EXCLUSIVE"), worker() as first:
        (backend,) = until(lambda: waiting_for(MEMBERS), what="the worker at the ninth sheet")
        kill(first)
    until(lambda: not backend_exists(backend), what="the end of the killed worker's connection")
    run.refresh_from_db()
    assert (run.state, run.sheet, run.attempts) == (RunState.RUNNING, "联络站", 1)
    services.make_reports(clock=timezone.now)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.DONE, 2)


@committed
def test_workbook_that_nobody_finishes_is_given_up_with_a_sentence(world: World) -> None:
    run = ask(world)
    ReportRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, attempts=services.ATTEMPTS)
    assert make_it(run) is True
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, services.GIVEN_UP)
    deliver_pending(now=NOW.replace(hour=23))
    assert [row.title for row in Message.objects.all()] == ["云溪县2025年度报表没有生成"]
    html = as_(world.staff).get("/reports/annual/").content.decode()
    assert ("没有生成" in html, services.GIVEN_UP in html, "hx-get" in html) == (True, True, False)


@committed
def test_who_has_lost_the_role_meanwhile_gets_no_rows(world: World) -> None:
    run = ask(world)
    Membership.objects.filter(user=world.staff).update(role=Role.GOV_OFFICE)
    assert make_it(run) is True
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.error == "生成人已经不再负责本级人大的报表，请由现在的工作人员重新生成。"


def test_page_asks_and_lists_who_asked_and_when(world: World) -> None:
    client = as_(world.staff)
    response = client.post("/reports/annual/ask/", {"year": "2025"}, follow=True)
    html = response.content.decode()
    assert "2025年度报表已经开始生成，可以离开本页，完成后会发站内消息。" in html
    assert ("张志强" in html, "等待生成" in html, "取消生成" in html) == (True, True, True)
    client.post("/reports/annual/ask/", {"year": "2025"})
    assert ReportRun.objects.count() == 1
    # A leader sees it in the list and cannot cancel it.
    html = as_(world.leader).get("/reports/annual/").content.decode()
    assert ("张志强" in html, "取消生成" in html) == (True, False)


@pytest.mark.parametrize("year", ["", "abc", "1066", "2035", "\x00", "9" * 30])
def test_nonsense_years_start_nothing(world: World, year: str) -> None:
    html = as_(world.staff).post("/reports/annual/ask/", {"year": year}, follow=True).content.decode()
    assert "没有开始生成：请选择一个本级人大有届次在任的年份。" in html
    assert ReportRun.objects.count() == 0


def test_cancelling_by_the_page(world: World) -> None:
    run = ask(world)
    html = as_(world.leader).post(f"/reports/annual/{run.pk}/cancel/", follow=True).content.decode()
    assert "这份年度报表是别人要的，只有本人可以取消。" in html
    client = as_(world.staff)
    assert (
        "云溪县2025年度报表已取消生成。"
        in client.post(f"/reports/annual/{run.pk}/cancel/", follow=True).content.decode()
    )
    again = client.post(f"/reports/annual/{run.pk}/cancel/", follow=True).content.decode()
    assert "这份年度报表已取消，不能再取消。" in again
    assert ReportRun.objects.get().state == RunState.CANCELLED


def test_people_of_another_county_find_nothing_of_it(world: World) -> None:
    make.TermFactory(congress=world.foreign_congress)
    run = ask(world)
    ReportRun.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=NOW)
    ReportFile.objects.create(run=run, content=b"PK", rows=1)
    client = as_(world.stranger)
    assert client.get(f"/reports/annual/{run.pk}/file.xlsx").status_code == 404
    assert client.post(f"/reports/annual/{run.pk}/cancel/").status_code == 404
    assert "2025年</th>" not in client.get("/reports/annual/runs/").content.decode()
    assert "2025年</th>" in as_(world.leader).get("/reports/annual/runs/").content.decode()


def test_file_is_handed_over_under_its_chinese_name(world: World) -> None:
    run = ask(world)
    assert as_(world.staff).get(f"/reports/annual/{run.pk}/file.xlsx").status_code == 404
    ReportRun.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=NOW)
    ReportFile.objects.create(run=run, content=b"PK\x03\x04", rows=1)
    client = as_(world.leader)
    html = client.get("/reports/annual/").content.decode()
    (url,) = re.findall(r'href="(/reports/annual/\d+/file\.xlsx)"', html)
    response = client.get(url)
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E4%BA%91%E6%BA%AA%E5%8E%BF2025%E5%B9%B4%E5%BA%A6%E6%8A%A5%E8%A1%A8.xlsx"
    )
    assert response.content == b"PK\x03\x04"


@pytest.mark.parametrize("pk", ["0", "99999999999999999999"])
def test_unknown_workbooks_are_not_found(world: World, pk: str) -> None:
    client = as_(world.staff)
    assert client.get(f"/reports/annual/{pk}/file.xlsx").status_code == 404
    assert client.post(f"/reports/annual/{pk}/cancel/").status_code == 404


def test_list_asks_for_itself_only_while_something_is_being_made(world: World) -> None:
    run = ask(world)
    client = as_(world.staff)
    busy = client.get("/reports/annual/runs/?page=1").content.decode()
    assert busy.lstrip().startswith('<div id="runs"')
    assert 'hx-get="/reports/annual/runs/?page=1"' in busy
    services.cancel_report(run_id=run.pk, user=world.staff, now=NOW)
    assert "hx-get" not in client.get("/reports/annual/runs/").content.decode()
