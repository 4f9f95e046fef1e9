"""A backup of a working county, brought back into an empty database: rows, files and the next number are right."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pyrage
import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from deputies.models import Person
from portal.backups import UnableToBackUp, check_backup, make_backup, restore_backup
from portal.backups.making import prune
from proposals import services
from proposals.models import Attachment, Proposal
from proposals.services.attaching import attach
from tests.attacks.conftest import decide, hand_in, start
from tests.concurrently import beside, until
from tests.factories import at
from tests.proposals.files import pdf
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(2026, 3, 9)
PHONE = "13800001111"
PHOTO = pdf("路灯不亮")


@pytest.fixture
def key(settings: object) -> str:
    identity = pyrage.x25519.Identity.generate()
    settings.BACKUP_KEY = str(identity.to_public())
    return str(identity)


@pytest.fixture
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.fixture
def county(transactional_db: None, media: Path) -> World:
    world = build_world()
    Person.objects.filter(pk=world.seat.person_id).update(phone=PHONE)
    for title in ("第一件建议", "第二件建议"):
        decide(world, hand_in(world.deputy, title), "pass")
    row = start(world.deputy, "带附件的建议")
    photo = SimpleUploadedFile("路灯照片.pdf", PHOTO, content_type="application/pdf")
    attach(proposal_id=row.pk, user=world.deputy, now=NOW, upload=photo, kind="proposal")
    services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW)
    return world


@contextmanager
def another_database(*, empty: bool = True) -> Iterator[None]:
    """Work in a database of its own beside the tests'."""
    here = connection.settings_dict["NAME"]
    there = f"{here}_restored"
    server = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
    wanted = {
        name: server[name] for name in ("dbname", "user", "password", "host", "port", "autocommit") if name in server
    }
    with psycopg.connect(**wanted) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{there}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{there}"')
        connection.close()
        connection.settings_dict["NAME"] = there
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = here
            admin.execute(f'DROP DATABASE "{there}" WITH (FORCE)')


def lose(media: Path) -> None:
    """A new machine: nothing is there."""
    shutil.rmtree(media)


def test_a_county_comes_back_with_rows_files_and_the_next_number(
    county: World, key: str, media: Path, tmp_path: Path
) -> None:
    path, manifest = make_backup(folder=tmp_path / "backups", now=NOW)
    assert (path.name, oct(path.stat().st_mode & 0o777)) == ("20260309-100000.portal-backup", "0o600")
    assert (manifest.rows["proposals_proposal"], manifest.rows["accounts_user"]) == (3, User.objects.count())
    assert [size for size, _ in manifest.files.values()] == [len(PHOTO)]
    secret = path.read_bytes()
    assert not any(word.encode() in secret for word in ("路灯不亮", "带附件的建议", PHONE, "accounts_user"))
    # What comes after the backup is not in it.
    hand_in(county.deputy, "备份以后的建议")
    lose(media)
    with another_database():
        restored, aside = restore_backup(path=path, identity=key, now=NOW)
        assert (restored, aside) == (manifest, None)
        assert sorted(Proposal.objects.values_list("title", "number")) == [
            ("带附件的建议", None), ("第一件建议", 1), ("第二件建议", 2),
        ]  # fmt: skip
        assert Person.objects.get(name="李春梅").phone == PHONE
        assert (media / Attachment.objects.get().file.name).read_bytes() == PHOTO
        third = Proposal.objects.get(title="带附件的建议")
        staff = User.objects.get(username="staff")
        county.staff = staff
        assert decide(county, third, "pass").number == 3
        fresh = hand_in(User.objects.get(username="deputy"), "恢复以后的建议")
        assert (fresh.receipt_no, fresh.pk > third.pk) == (4, True)
        # And the restored one can be backed up and brought back again.
        again, _ = make_backup(folder=tmp_path / "again", now=NOW)
        restore_backup(path=again, identity=key, now=NOW, replace=True)
        assert Proposal.objects.count() == 4
        assert [one.name for one in tmp_path.glob("media-before-*")] == ["media-before-20260309-100000"]


def test_a_database_in_use_is_replaced_only_when_told(county: World, key: str, media: Path, tmp_path: Path) -> None:
    path, _ = make_backup(folder=tmp_path, now=NOW)
    hand_in(county.deputy, "备份以后的建议")
    with pytest.raises(UnableToBackUp, match="已经有账号。确定要用备份替换它，请加 --replace；现在没有改动。"):
        restore_backup(path=path, identity=key, now=NOW)
    assert Proposal.objects.filter(title="备份以后的建议").exists()
    assert [one.read_bytes() for one in media.rglob("*") if one.is_file()] == [PHOTO]


def test_a_backup_that_was_touched_or_belongs_to_others_changes_nothing(
    county: World, key: str, tmp_path: Path, settings: object
) -> None:
    del county
    path, _ = make_backup(folder=tmp_path, now=NOW)
    broken, cut = tmp_path / "broken", tmp_path / "cut"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    broken.write_bytes(content)
    cut.write_bytes(path.read_bytes()[:-200])
    stranger = str(pyrage.x25519.Identity.generate())
    before = Proposal.objects.count()
    for file, identity, message in (
        (broken, key, "已经损坏"),
        (cut, key, "已经损坏"),
        (path, stranger, "私钥不是做这份备份的那一把"),
        (path, "not a key", "备份私钥不对"),
        (tmp_path / "none", key, "没有这个文件"),
    ):
        with pytest.raises(UnableToBackUp, match=message):
            restore_backup(path=file, identity=identity, now=NOW, replace=True)
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    for tried in (check_backup, partial(restore_backup, now=NOW, replace=True)):
        with pytest.raises(UnableToBackUp, match="不是用现在的 FIELD_ENCRYPTION_KEYS 做的"):
            tried(path=path, identity=key)
    assert Proposal.objects.count() == before
    assert not list(tmp_path.glob(".restoring-*"))


def test_rows_and_numbers_that_are_not_what_the_backup_says_roll_everything_back(
    county: World, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.backups import making

    counted = making.counted
    for change in ({"proposals_proposal": 4}, {}):

        def lie(cursor: object, change: dict = change) -> tuple:
            rows, numbers, migrations = counted(cursor)
            return rows | change, numbers if change else numbers | {"casework_case_id_seq": 77}, migrations

        monkeypatch.setattr(making, "counted", lie)
        path, _ = make_backup(folder=tmp_path / str(bool(change)), now=NOW)
        hand_in(county.deputy, "备份以后的建议")
        with pytest.raises(UnableToBackUp, match="rows of proposals_proposal" if change else "casework_case_id_seq"):
            restore_backup(path=path, identity=key, now=NOW, replace=True)
        assert Proposal.objects.filter(title="备份以后的建议").exists()
        Proposal.objects.filter(title="备份以后的建议").update(title="早先的建议")


def test_a_running_portal_is_not_pulled_from_under_people(county: World, key: str, tmp_path: Path) -> None:
    path, _ = make_backup(folder=tmp_path, now=NOW)

    def hold() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=county.staff.pk)
            held.append(True)
            until(lambda: released, what="the refusal")

    held: list[bool] = []
    released: list[bool] = []
    with beside() as start:
        clerk = start(hold)
        until(lambda: held, what="the clerk's lock")
        with pytest.raises(UnableToBackUp, match="请先停止 web、worker 和 beat 再恢复；现在没有改动。"):
            restore_backup(path=path, identity=key, now=NOW, replace=True)
        released.append(True)
        clerk.result(timeout=60)
    assert Proposal.objects.count() == 3


def test_without_a_key_nothing_is_written(transactional_db: None, settings: object, tmp_path: Path) -> None:
    for given, message in (("", "没有设置备份公钥"), ("age1x", "不是备份公钥")):
        settings.BACKUP_KEY = given
        with pytest.raises(UnableToBackUp, match=message):
            make_backup(folder=tmp_path, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_commands_speak_plainly_and_old_backups_go(
    county: World, key: str, tmp_path: Path, capsys: pytest.CaptureFixture, settings: object
) -> None:
    del county
    call_command("backup", to=tmp_path / "kept")
    said = capsys.readouterr().out
    assert said.startswith("已备份到 ")
    assert "附件 1 个" in said
    identity = tmp_path / "key"
    identity.write_text(f"{key}\n")
    path = next((tmp_path / "kept").iterdir())
    call_command("restore", path, key=identity, check=True)
    assert capsys.readouterr().out.startswith("备份完好：")
    with pytest.raises(SystemExit) as exit_:
        call_command("restore", path, key=identity)
    assert (exit_.value.code, capsys.readouterr().err[:14]) == (1, "这个数据库里已经有账号。确定")
    with another_database():
        call_command("restore", path, key=identity)
        said = capsys.readouterr().out
        assert said.startswith("已恢复并核对：")
        assert "审计记录完整，共核对 " in said
        assert Proposal.objects.count() == 3
    for day in (1, 2, 3):
        make_backup(folder=tmp_path / "pruned", now=at(2026, 3, day))
    assert prune(folder=tmp_path / "pruned", keep=2) == ["20260301-100000.portal-backup"]
    call_command("backup_key")
    lines = capsys.readouterr().out.splitlines()
    settings.BACKUP_KEY = lines[1].removeprefix("PORTAL_BACKUP_KEY=")
    path, _ = make_backup(folder=tmp_path / "own", now=NOW)
    assert check_backup(path=path, identity=lines[-1]).made_at == "2026-03-09T10:00:00+08:00"
