"""Imports at the same moment, and imports beside people at work: one state, a sentence for whoever came second."""

import threading

import pytest
from django.db import transaction
from django.utils import timezone

import proposals.workbooks
import workbooks.importing
from bodies.services import next_number
from deputies.models import Delegation
from proposals import services
from proposals.models import KIND, Proposal
from tests import factories as make
from tests.concurrently import beside, somebody_waits, until
from tests.forms.samples import SAMPLES, each_kind, stock
from tests.forms.support import counts, run, tables
from tests.threads import at_once
from tests.world import build_world
from workbooks.columns import ImportRefused, get_form

pytestmark = pytest.mark.django_db(transaction=True)

ROSTER = [{"姓名": f"代表甲{i}", "性别": "女", "代表团": f"第{i % 3}团", "出生年月": "1970.05"} for i in range(30)]
LIST = [
    {"标题": f"第{i}件", "领衔代表": "李春梅", "提出日期": "2023-02-01", "编号": str(i + 1), "会次": "第五次会议"}
    for i in range(30)
]
UNITS = [{"单位名称": f"第{i}局", "简称": f"{i}局"} for i in range(30)]
FILES = {"units": UNITS, "deputies": ROSTER, "proposals": LIST}


@pytest.fixture
def world():
    return build_world()


@each_kind
def test_the_same_file_twice_at_once_ends_as_once(world, kind):
    rows = FILES.get(kind) or SAMPLES[kind].rows(30)
    stock(world)
    results = at_once(*[lambda: counts(run(kind, *rows, congress=world.congress))] * 2)
    assert sorted(results) == ["新增 0、更新 0、未变 30", "新增 30、更新 0、未变 0"]
    assert counts(run(kind, *rows, congress=world.congress)) == "新增 0、更新 0、未变 30"


@pytest.mark.parametrize("kind", sorted(FILES))
def test_without_the_locks_it_would_not(world, kind, monkeypatch):
    """The control: both look everything up before either writes, which the locks forbid.

    Into a congress without deputies and units, since known ones are locked as they are found.
    """
    congress = world.congress if kind == "proposals" else make.TermFactory().congress
    monkeypatch.setattr(workbooks.importing, "_wait_for_other_imports", lambda: None)
    monkeypatch.setattr(proposals.workbooks, "lock_sessions", lambda sessions: None)
    form, both_looked = get_form(kind), threading.Barrier(2)
    resolve = form.resolve

    def resolve_together(rows, context):
        resolve(rows, context)
        both_looked.wait(timeout=20)

    monkeypatch.setattr(form, "resolve", resolve_together)
    results = at_once(*[lambda: counts(run(kind, *FILES[kind], congress=congress))] * 2)
    assert "新增 30、更新 0、未变 0" in results
    assert "新增 0、更新 0、未变 30" not in results


def test_a_number_taken_while_an_import_runs_comes_after_it(world):
    """The import holds the counter; whoever numbers a proposal meanwhile waits and gets the next free number."""

    def number():
        with transaction.atomic():
            return next_number(session=world.session, kind=KIND)

    with beside() as start, transaction.atomic():
        assert counts(run("proposals", *LIST, congress=world.congress)) == "新增 30、更新 0、未变 0"
        taken = start(number)
        until(somebody_waits, what="the other one waits for the counter")
    assert taken.result(timeout=60) == 31


def test_who_handles_a_case_meanwhile_is_told_that_it_changed(world):
    row = {"标题": "一件", "领衔代表": "李春梅", "提出日期": "2023-02-01", "编号": "5"}
    run("proposals", row, congress=world.congress)
    case = Proposal.objects.get()

    def assign():
        return services.assign(
            proposal_id=case.pk, seen_version=case.version, user=world.staff, now=timezone.now(), lead=world.education
        )

    with beside() as start:
        with transaction.atomic():
            changed = run("proposals", row | {"主办单位": "县公安局"}, congress=world.congress)
            assert counts(changed) == "新增 0、更新 1、未变 0"
            assigning = start(assign)
            until(somebody_waits, what="the other one waits for the case")
        refusal = assigning.exception(timeout=60)
    assert "导入：更正主办单位" in str(refusal)
    assert Proposal.objects.get().rounds.get().assignments.get().unit == world.police


def test_the_loser_of_an_unforeseen_race_hears_a_sentence(world, monkeypatch):
    """Whatever the database refuses ends in words, with nothing written."""
    form = get_form("units")
    before = tables()

    def apply(rows, context):
        Delegation.objects.create(term=world.term, name="")

    monkeypatch.setattr(form, "apply", apply)
    with pytest.raises(ImportRefused, match="数据库没有接受这批数据，什么都没有写入"):
        run("units", *UNITS, congress=world.congress)
    assert tables() == before
