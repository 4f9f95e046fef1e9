import sys
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand
from django.db import transaction

from bodies.fields import seal, unseal
from bodies.keys import encrypt_anew, encrypted_columns

# What of a second factor is encrypted (allauth).
SECRETS = ("secret", "seed")


class Command(BaseCommand):
    help = "换密钥：用 FIELD_ENCRYPTION_KEYS 的第一把密钥重新加密全部个人信息和二次验证密钥。可以反复运行，不用停机。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many rows of each table were written anew; exit status 1 where no key reads a value."""
        try:
            for model, names in encrypted_columns():
                self.stdout.write(f"{model._meta.verbose_name}：{encrypt_anew(model, names)} 条")  # noqa: SLF001
            self.stdout.write(f"二次验证：{_factors()} 条")
        except (ValueError, InvalidToken) as error:
            self.stderr.write(
                f"有一项用现有的密钥都读不出来，没有继续。请把当时的密钥加到 FIELD_ENCRYPTION_KEYS 的后面。（{error}）"
            )
            sys.exit(1)
        self.stdout.write(
            "已经全部用新密钥加密。旧密钥可以从 FIELD_ENCRYPTION_KEYS 中去掉；旧备份恢复时还要用到，请离线保存。"
        )


@transaction.atomic
def _factors() -> int:
    rows = list(
        Authenticator.objects.select_for_update().filter(
            type__in=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
        )
    )
    for row in rows:
        row.data |= {name: seal(unseal(row.data[name])) for name in SECRETS if name in row.data}
    Authenticator.objects.bulk_update(rows, ["data"])
    return len(rows)
