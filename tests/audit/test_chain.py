"""The chain finds what was altered, removed, slipped in or moved while the triggers were off."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from django.core.management import call_command
from django.db import connection, transaction

from audit.models import Entry, Kind, Seal
from audit.services import record, seal_entries, sealing, verify
from tests.audit.trail import sql, tamper
from tests.concurrently import beside, somebody_waits, until
from tests.threads import at_once

NUMBER = 20


@pytest.fixture
def keys(db: None) -> list[int]:
    """The keys of twenty sealed entries and no others."""
    tamper("TRUNCATE audit_entry, audit_seal")
    for n in range(NUMBER):
        record(kind=Kind.EXPORT, label=f"表{n}", details={"rows": n})
    assert seal_entries() == NUMBER
    return list(Entry.objects.order_by("pk").values_list("pk", flat=True))


def test_sm3_is_sm3() -> None:
    """The example of GB/T 32905-2016, appendix A.1."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(b"abc")
    assert sm3.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_each_seal_is_the_digest_of_the_one_before_and_its_entry(keys: list[int]) -> None:
    seals = list(Seal.objects.order_by("number"))
    assert [(seal.number, seal.entry_id) for seal in seals] == list(enumerate(keys, start=1))
    before = "0" * 64
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sealing.CANONICAL} FROM audit_entry e ORDER BY id")  # noqa: S608
        for seal, (text,) in zip(seals, cursor.fetchall(), strict=True):
            sm3 = hashes.Hash(hashes.SM3())
            sm3.update(bytes.fromhex(before) + text.encode())
            assert seal.digest == sm3.finalize().hex()
            before = seal.digest
    assert verify().fault is None


def test_every_column_is_sealed(keys: list[int]) -> None:
    columns = {field.column for field in Entry._meta.local_concrete_fields}
    assert {column for column in columns if f"e.{column}" in sealing.CANONICAL.replace("e.at AT", "e.at ")} == columns


@pytest.mark.parametrize(
    ("statement", "number", "words"),
    [
        ("UPDATE audit_entry SET actor = '别人' WHERE id = {7}", 8, "记录 {7} 或它的封存被改动"),
        ("UPDATE audit_entry SET details = '{{\"rows\": 70}}' WHERE id = {7}", 8, "记录 {7} 或它的封存被改动"),
        ("UPDATE audit_entry SET at = at + interval '1 us' WHERE id = {0}", 1, "记录 {0} 或它的封存被改动"),
        ("DELETE FROM audit_entry WHERE id = {7}", 8, "记录 {7} 被删除"),
        ("DELETE FROM audit_entry WHERE id = {19}", 20, "记录 {19} 被删除"),
        (
            "DELETE FROM audit_entry WHERE id = {7}; DELETE FROM audit_seal WHERE entry_id = {7}",
            8,
            "封存被删除",
        ),
        (
            "DELETE FROM audit_entry WHERE id <= {4}; DELETE FROM audit_seal WHERE entry_id <= {4}",
            1,
            "第 1 条至第 5 条被删除，没有相应的清理记录",
        ),
        ("UPDATE audit_seal SET digest = repeat('a', 64) WHERE number = 8", 8, "记录 {7} 或它的封存被改动"),
        (
            (
                "UPDATE audit_seal SET entry_id = -{7} WHERE entry_id = {7}; "
                "UPDATE audit_seal SET entry_id = {7} WHERE entry_id = {8}; "
                "UPDATE audit_seal SET entry_id = {8} WHERE entry_id = -{7}"
            ),
            8,
            "记录 {8} 或它的封存被改动",
        ),
        (
            (
                "UPDATE audit_entry SET id = -{7} WHERE id = {7}; UPDATE audit_entry SET id = {7} WHERE id = {8}; "
                "UPDATE audit_entry SET id = {8} WHERE id = -{7}"
            ),
            8,
            "记录 {7} 或它的封存被改动",
        ),
    ],
)
def test_tampering_is_found(
    keys: list[int], capsys: pytest.CaptureFixture, statement: str, number: int, words: str
) -> None:
    tamper(statement.format(*keys))
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    place = f"第 {number} 条：{words.format(*keys)}。"
    assert capsys.readouterr().out == f"审计记录不完整。已核对 {number - 1} 条。{place}\n"


def test_a_row_slipped_in_is_found(keys: list[int], capsys: pytest.CaptureFixture) -> None:
    tamper("INSERT INTO audit_entry (id, kind, at) VALUES (%s, 'export', now() - interval '3 days')", -5)
    with pytest.raises(SystemExit):
        call_command("verify_audit")
    assert capsys.readouterr().out == (
        f"审计记录不完整。已核对 {NUMBER} 条。封存以外：记录 -5 不在封存之列，是事后补入的。\n"
    )


def test_a_row_slipped_in_with_a_seal_of_its_own_is_found(keys: list[int]) -> None:
    tamper("INSERT INTO audit_entry (id, kind, at) VALUES (%s, 'export', now() - interval '3 days')", -5)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sealing.CANONICAL} FROM audit_entry e WHERE id = -5")  # noqa: S608
        digest = sealing.digest_of(Seal.objects.get(number=NUMBER).digest, cursor.fetchone()[0])
    sql("INSERT INTO audit_seal (number, entry_id, digest) VALUES (%s, -5, %s)", NUMBER + 1, digest)
    fault = verify().fault
    assert (fault.number, fault.words) == (NUMBER + 1, "记录 -5 是事后补入的")


def test_a_tail_that_was_cut_off_is_found_by_what_was_written_down(
    keys: list[int], capsys: pytest.CaptureFixture
) -> None:
    call_command("verify_audit")
    said = capsys.readouterr().out.splitlines()
    last = Seal.objects.get(number=NUMBER)
    written_down = f"{NUMBER}:{last.digest}"
    assert said == ["审计记录完整，共核对 20 条。", f"最后一条的序号和摘要（请抄记在别处）：{written_down}"]
    record(kind=Kind.EXPORT, label="后来的")
    call_command("verify_audit", expect=(NUMBER, last.digest))
    assert capsys.readouterr().out.startswith("审计记录完整，共核对 21 条。")
    tamper("DELETE FROM audit_seal WHERE number > 17; DELETE FROM audit_entry WHERE id > %s", keys[16])
    call_command("verify_audit")  # Nothing inside the database can tell.
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("verify_audit", f"--expect={written_down}")
    assert "第 20 条：抄记的是第 20 条，现在只有第 17 条以前的，之后的记录被删除。" in capsys.readouterr().out
    for n in range(5):
        record(kind=Kind.EXPORT, label=f"补上{n}")
    with pytest.raises(SystemExit):
        call_command("verify_audit", f"--expect={written_down}")
    assert "第 20 条：摘要与抄记的不一致，这一条或它之前的记录被改动过。" in capsys.readouterr().out


def test_more_than_a_batch(keys: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sealing", "verifying"):
        monkeypatch.setattr(f"audit.services.{module}.BATCH", 3)
    for n in range(10):
        record(kind=Kind.EXPORT, label=f"又{n}")
    assert seal_entries() == 10
    verdict = verify()
    assert (verdict.checked, verdict.number, verdict.fault) == (NUMBER + 10, NUMBER + 10, None)


@pytest.mark.django_db(transaction=True)
def test_entries_of_open_transactions_are_sealed_when_they_come() -> None:
    """A lower key that is committed later takes its place at the end of the chain."""
    tamper("TRUNCATE audit_entry, audit_seal")
    with beside() as go:
        with transaction.atomic():
            record(kind=Kind.EXPORT, label="先写后提交")
            go(lambda: record(kind=Kind.EXPORT, label="后写先提交")).result()
            assert go(seal_entries).result() == 1
        assert go(seal_entries).result() == 1
    labels = Seal.objects.order_by("number").values_list("number", "entry__object_label")
    assert list(labels) == [(1, "后写先提交"), (2, "先写后提交")]
    assert verify().fault is None


@pytest.mark.django_db(transaction=True)
def test_one_sealer_at_a_time() -> None:
    """Without the lock the second one takes the numbers of the first and fails."""
    tamper("TRUNCATE audit_entry, audit_seal")
    for n in range(5):
        record(kind=Kind.EXPORT, label=f"表{n}")
    with beside() as go:
        with transaction.atomic():
            assert seal_entries() == 5
            other = go(seal_entries)
            until(lambda: other.done() or somebody_waits(), what="the second sealer at the lock")
        assert other.result() == 0
    jobs: list[Callable] = [lambda n=n: (record(kind=Kind.EXPORT, label=f"又{n}"), seal_entries()) for n in range(4)]
    assert [answer for answer in at_once(*jobs) if isinstance(answer, Exception)] == []
    verdict = verify()
    assert (verdict.checked, verdict.number, verdict.fault) == (9, 9, None)
