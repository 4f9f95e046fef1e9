"""Old entries go by trim_audit alone, whole prefixes of the chain, and the chain says where it begins now."""

import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from audit.models import Entry, Seal
from audit.services import seal_entries, verify
from portal.places import REPOSITORY
from tests.audit.trail import sql, tamper


@pytest.fixture
def trail(db: None) -> None:
    """Sealed month by month: entries of 15 months, the oldest 14 months old."""
    tamper("TRUNCATE audit_entry, audit_seal")
    for age in range(14, -1, -1):
        sql("INSERT INTO audit_entry (kind, at, object_label) VALUES ('export', now() - make_interval(months => %s), %s)",
            age, f"{age}个月前")  # fmt: skip
        seal_entries()


@pytest.mark.usefixtures("trail")
def test_trimming_keeps_the_months_of_the_setting(capsys: pytest.CaptureFixture) -> None:
    last = Seal.objects.get(number=2)
    call_command("trim_audit")
    # Entries of exactly 12 months ago are a moment older than 12 months by now.
    assert capsys.readouterr().out == "已清理 3 条超过 12 个月的审计记录。\n"
    assert Entry.objects.earliest("at").object_label == "11个月前"
    left = Entry.objects.get(kind="trim")
    assert (left.details["number"], left.details["rows"]) == (3, 3)
    assert last.number == 2
    assert Seal.objects.earliest("number").number == 4
    assert verify().fault is None
    verdict = verify()
    assert (verdict.checked, verdict.number) == (13, 16)
    call_command("trim_audit")
    assert capsys.readouterr().out == "已清理 0 条超过 12 个月的审计记录。\n"


@pytest.mark.usefixtures("trail")
def test_nothing_younger_than_six_months_goes_whatever_the_setting(settings: object) -> None:
    settings.AUDIT_MONTHS = 3
    before = Entry.objects.count()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        call_command("trim_audit")
    assert Entry.objects.count() == before


@pytest.mark.usefixtures("trail")
def test_the_mark_that_is_left_must_fit() -> None:
    call_command("trim_audit")
    seal_entries()
    tamper(
        "UPDATE audit_entry SET details = jsonb_set(details, '{digest}', to_jsonb(repeat('0', 64))) WHERE kind = 'trim'"
    )
    assert verify().fault.number == 4
    tamper("UPDATE audit_entry SET details = jsonb_set(details, '{number}', '5') WHERE kind = 'trim'")
    assert verify().fault.words == "第 1 条至第 3 条被删除，没有相应的清理记录"


@pytest.mark.usefixtures("trail")
def test_a_broken_chain_is_not_trimmed() -> None:
    tamper("DELETE FROM audit_entry WHERE object_label = '13个月前'")
    with (
        pytest.raises(CommandError, match="审计记录不完整，没有清理。请先运行 verify_audit 查明。"),
        transaction.atomic(),
    ):
        call_command("trim_audit")
    assert Entry.objects.count() == 14


def test_less_than_six_months_is_refused_at_start() -> None:
    code = "import portal.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PORTAL_AUDIT_MONTHS": "5"}, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 1
    assert "PORTAL_AUDIT_MONTHS（审计记录保存月数）不能少于 6，现在是 5。" in done.stderr
