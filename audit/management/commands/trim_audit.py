"""Takes away audit entries that were kept longer than the setting."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.services import UnableToTrim, trim


class Command(BaseCommand):
    help = "清理超过保存期限（PORTAL_AUDIT_MONTHS）的审计记录。"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            number = trim()
        except UnableToTrim as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已清理 {number} 条超过 {settings.AUDIT_MONTHS} 个月的审计记录。")
