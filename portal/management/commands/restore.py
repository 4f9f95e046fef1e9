import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.models import Kind
from audit.services import record
from portal.backups import UnableToBackUp, check_backup, restore_backup


class Command(BaseCommand):
    help = "用备份恢复数据库和附件，恢复前后都核对。先停止 web、worker 和 beat。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="文件", type=Path, help="备份文件")
        parser.add_argument("--key", metavar="文件", type=Path, required=True, help="存有备份私钥的文件")
        parser.add_argument("--check", action="store_true", help="只核对备份是否完好，不恢复")
        parser.add_argument("--replace", action="store_true", help="替换掉现有的数据")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was checked or restored; exit status 1 and one line when it is impossible."""
        try:
            self._run(options)
        except UnableToBackUp as unable:
            self.stderr.write(str(unable))
            sys.exit(1)

    def _run(self, options: dict[str, Any]) -> None:
        path, key = options["file"], self._key(options["key"])
        if options["check"]:
            manifest = check_backup(path=path, identity=key)
            self.stdout.write(f"备份完好：{_said(manifest)}")
            return
        manifest, aside = restore_backup(path=path, identity=key, now=timezone.localtime(), replace=options["replace"])
        record(kind=Kind.ACT, label=f"用备份 {path.name} 恢复")
        self.stdout.write(f"已恢复并核对：{_said(manifest)}")
        if aside is not None:
            self.stdout.write(f"原来的附件移到了 {aside}，确认无误后自行删除。")
        call_command("verify_audit", stdout=self.stdout)

    def _key(self, path: Path) -> str:
        try:
            return path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise UnableToBackUp(f"读不出私钥文件 {path}。") from error


def _said(manifest: Any) -> str:
    rows = sum(manifest.rows.values())
    return f"{manifest.made_at} 的备份，{len(manifest.rows)} 张表 {rows} 行，附件 {len(manifest.files)} 个，逐表行数和下一个编号都与备份一致。"
