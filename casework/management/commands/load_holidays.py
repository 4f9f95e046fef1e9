from django.core.management.base import BaseCommand

from casework.holidays import load_holidays


class Command(BaseCommand):
    help = "装入国务院已公布的节假日和调休上班日（办公室已经登记的年份不改动）"

    def handle(self, *args: object, **options: object) -> None:
        """Load the holidays and say what is new."""
        loaded = load_holidays()
        if loaded.years:
            self.stdout.write(
                f"已装入 {loaded.years[0]}—{loaded.years[-1]} 年，共 {loaded.days} 个节假日和调休上班日。"
            )
        else:
            self.stdout.write("没有新公布的年份。")
