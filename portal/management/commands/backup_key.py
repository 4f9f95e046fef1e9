from typing import Any

import pyrage
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "生成一对备份密钥：公钥写进 PORTAL_BACKUP_KEY，私钥离线保存，恢复时才用。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a new pair of keys; nothing is stored."""
        identity = pyrage.x25519.Identity.generate()
        self.stdout.write(
            f"公钥（写进环境变量）：\nPORTAL_BACKUP_KEY={identity.to_public()}\n\n"
            f"私钥（只显示这一次；抄录或存到离线介质，不要放在服务器上，丢失后备份无法恢复）：\n{identity}"
        )
