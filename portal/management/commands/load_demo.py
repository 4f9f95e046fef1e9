"""script/manage load_demo: fill an empty portal with a made-up county."""

from __future__ import annotations

import unicodedata
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from bodies.models import Congress
from portal.demo import county
from portal.demo.logins import DEMO_PASSWORD, DEMO_TOTP_SECRET, LOGINS, code_now

HEADER = ("角色", "姓名", "用户名", "密码", "可以试试")


class Command(BaseCommand):
    help = "装入演示数据：一个虚构的县，各项登记齐全，去年的建议已全部办结，今年的正在办理"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="已经有任何人大时什么也不做")
        parser.add_argument("--list-logins", action="store_true", help="只列出演示账号")
        parser.add_argument("--code", action="store_true", help="只显示演示管理员此刻的验证码")

    def handle(self, **options: bool) -> None:
        if options["code"]:
            self.stdout.write(code_now())
            return
        if options["list_logins"]:
            self.stdout.write(logins_table())
            return
        if options["if_empty"] and Congress.objects.exists():
            self.stdout.write("已经有数据，没有装入演示数据。")
            return
        if settings.PRODUCTION:
            # Everybody knows the passwords of its accounts.
            raise CommandError("正式运行（PORTAL_ENV=production）不能装入演示数据，没有改动。")
        try:
            self.stdout.write(county.load(now=timezone.now()))
        except county.UnableToLoadDemo as error:
            if options["if_empty"]:
                self.stdout.write(str(error))
                return
            raise CommandError(str(error)) from error


def logins_table() -> str:
    """Return the demo accounts that are there as an aligned table; a sentence where there are none."""
    there = set(
        User.objects.filter(username__in=[login.username for login in LOGINS]).values_list("username", flat=True)
    )
    if not county.is_loaded():
        return "没有装入演示数据。"
    rows = [HEADER]
    rows += [
        (login.title, login.name, login.username, DEMO_PASSWORD, login.hint)
        for login in LOGINS
        if login.username in there
    ]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ) + (
        f"\n管理员登录还要验证码：在手机验证器里手工输入密钥 {DEMO_TOTP_SECRET}；"
        "没有验证器的，运行 script/manage load_demo --code 看此刻的验证码。"
        "\n用户名也可以换成手机号码：第一个账号是 13800000001，以下顺次。"
    )


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
