import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.models import Kind
from audit.services import record
from portal.backups import UnableToBackUp, make_backup, prune


class Command(BaseCommand):
    help = "备份数据库和附件：一个加密文件。系统照常运行，不用停机。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", metavar="目录", type=Path, help="备份放在哪里，默认在数据目录的 backups 下")
        parser.add_argument("--keep", metavar="份数", type=int, default=0, help="只保留最近几份，默认全部保留")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print in one line what was backed up and where; exit status 1 and one line when it is impossible."""
        folder = options["to"] or Path(settings.VAR) / "backups"
        try:
            path, manifest = make_backup(folder=folder, now=timezone.localtime())
        except UnableToBackUp as unable:
            self.stderr.write(str(unable))
            sys.exit(1)
        record(kind=Kind.EXPORT, label=f"备份 {path.name}", details={"rows": sum(manifest.rows.values())})
        size = path.stat().st_size / 1024 / 1024
        rows, files = sum(manifest.rows.values()), len(manifest.files)
        self.stdout.write(f"已备份到 {path}：{len(manifest.rows)} 张表 {rows} 行，附件 {files} 个，{size:.1f} MB。")
        if options["keep"] > 0 and (removed := prune(folder=folder, keep=options["keep"])):
            self.stdout.write(f"已删除较早的备份：{'、'.join(removed)}。")
