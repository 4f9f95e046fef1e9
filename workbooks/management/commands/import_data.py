from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workbooks.columns import ImportRefused, get_form
from workbooks.importing import ImportResult, run_import
from workbooks.marked import write_marked
from workbooks.reading import WorkbookError


class Command(BaseCommand):
    help = "把一份表格导入系统：有一处错误就什么都不写入；同一个文件导入两次不会重复。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help="表的种类，例如 deputies、units、proposals")
        parser.add_argument("file", metavar="FILE", help=".xlsx、.xls 或 .csv 文件")
        parser.add_argument("--congress", metavar="CODE", help="人大的代码；系统里只有一个人大时可以不写")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--errors-to", metavar="FILE", help="有错误时，写出带“错误说明”一列的 .xlsx 副本")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict; exit status 1 when nothing was or would be imported."""
        try:
            form = get_form(options["kind"])
            context = form.make_context(congress_code=options["congress"])
            result = run_import(form, options["file"], context=context, dry_run=options["dry_run"])
        except (WorkbookError, ImportRefused) as error:
            self.stdout.write(str(error))
            raise SystemExit(1) from None
        for line in [*map(str, result.errors), *result.hints, result.summary()]:
            self.stdout.write(line)
        if result.errors:
            if options["errors_to"]:
                self._write_copy(result, options["errors_to"])
            raise SystemExit(1)

    def _write_copy(self, result: ImportResult, path: str) -> None:
        try:
            write_marked(result, path, created=timezone.localtime())
        except OSError as error:
            self.stderr.write(f"写不出带错误说明的副本 {path}：{error.strerror or error}")
