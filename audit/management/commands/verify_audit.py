"""Checks that no entry of the audit trail was removed, altered, added afterwards or moved."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from audit.services import verify


def written_down(text: str) -> tuple[int, str]:
    """Return the number and digest that somebody wrote down. Raises ArgumentTypeError for anything else."""
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", text.strip().lower())
    if found is None:
        raise ArgumentTypeError("应写作 序号:摘要，例如上次核对时打印的那一行。")
    return int(found[1]), found[2]


class Command(BaseCommand):
    help = "核对审计记录是否完整：有无被删除、改动、补入或调换。发现问题时退出码为 1。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--expect", type=written_down, metavar="序号:摘要", help="以前抄记的序号和摘要")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify(expected=options["expect"])
        if verdict.fault:
            place = f"第 {verdict.fault.number} 条" if verdict.fault.number else "封存以外"
            self.stdout.write(f"审计记录不完整。已核对 {verdict.checked} 条。{place}：{verdict.fault.words}。")
            sys.exit(1)
        self.stdout.write(f"审计记录完整，共核对 {verdict.checked} 条。")
        if verdict.number:
            self.stdout.write(f"最后一条的序号和摘要（请抄记在别处）：{verdict.number}:{verdict.digest}")
