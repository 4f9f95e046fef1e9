import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import Administration, User

KINDS = {kind.value: kind.label for kind in Administration}


class Command(BaseCommand):
    help = "开设一个管理员账号，显示一次性密码；首次登录须改密码并设置二次验证。三种管理员各开一个，由三个人使用。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "kind", metavar="种类", help="，".join(f"{kind}（{label}）" for kind, label in KINDS.items())
        )
        parser.add_argument("username", metavar="用户名")
        parser.add_argument("--name", metavar="姓名", default="", help="默认与用户名相同")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the new account's one-time password; exit status 1 and one line when it cannot be opened."""
        kind = options["kind"]
        if kind not in KINDS:
            self._refuse(f"没有“{kind}”这种管理员，只能是 {'、'.join(KINDS)}。")
        password = secrets.token_urlsafe(12) + "-Aa1"
        account = User(
            username=options["username"],
            name=options["name"] or options["username"],
            administers=kind,
            must_change_password=True,
        )
        account.set_password(password)
        try:
            with transaction.atomic():
                account.full_clean()
                account.save()
        except ValidationError as error:
            self._refuse("；".join(error.messages))
        self.stdout.write(f"已开设{KINDS[kind]}账号 {account.username}，一次性密码：{password}")

    def _refuse(self, message: str) -> None:
        self.stderr.write(message)
        sys.exit(1)
