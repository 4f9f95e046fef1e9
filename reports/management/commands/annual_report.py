"""Writes the annual workbook of one congress and year."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bodies.models import Congress
from reports.annual import write_annual
from reports.scope import Scope, UnableToReport, scope_of


class Command(BaseCommand):
    help = "生成年度报表（.xlsx）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--congress", required=True, metavar="CODE", help="人大的行政区划代码")
        parser.add_argument("--year", required=True, metavar="YYYY", help="年份")
        parser.add_argument("--out", required=True, metavar="FILE.xlsx", help="写到哪个文件，已有的会被替换")

    def handle(self, *args: Any, congress: str, year: str, out: str, **options: Any) -> None:
        """Write the workbook and say what is in it. A refusal is one line on standard error and exit status 1."""
        target = Path(out)
        try:
            _check(year=year, target=target)
            scope = scope_of(congress=_congress(congress), year=int(year), as_of=timezone.localdate())
            rows = _write(scope, target)
        except UnableToReport as unable:
            raise SystemExit(str(unable)) from None
        except OSError as error:
            raise SystemExit(f"不能写入「{out}」，请检查文件夹的权限和磁盘的剩余空间。") from error
        self.stdout.write(f"已生成 {out}：{'、'.join(f'{name} {count} 行' for name, count in rows.items())}")


def _check(*, year: str, target: Path) -> None:
    if not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise UnableToReport(f"年份「{year}」不正确，应当是四位数字，例如 2025。")
    if target.suffix.lower() != ".xlsx":
        raise UnableToReport(f"文件名「{target.name}」应当以 .xlsx 结尾。")
    if not target.parent.is_dir():
        raise UnableToReport(f"文件夹「{target.parent}」不存在，请先建立，或者换一个位置。")
    if target.is_dir():
        raise UnableToReport(f"「{target}」是一个文件夹，请换一个文件名。")


def _congress(code: str) -> Congress:
    congress = Congress.objects.filter(code=code).first()
    if congress is None:
        raise UnableToReport(f"没有代码为「{code}」的人大，请核对 --congress 后面的代码。")
    return congress


def _write(scope: Scope, target: Path) -> dict[str, int]:
    """Write beside the final place and move the file there when it is whole: nobody opens half a report."""
    draft = target.with_name(f".{target.stem}-{os.getpid()}.xlsx")
    try:
        with draft.open("wb") as file:
            rows = write_annual(scope, file)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return rows
