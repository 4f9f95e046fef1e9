from django.core.management.base import BaseCommand

from casework.holidays import load_holidays


class Command(BaseCommand):
    help = "装入国务院已公布的节假日和调休上班日（办公室已经登记的年份不改动），未办事项的期限随之调整"

    def handle(self, *args: object, **options: object) -> None:
        """Load the holidays and say what is new and which deadlines follow."""
        loaded = load_holidays()
        if loaded.years:
            first, last = loaded.years[0], loaded.years[-1]
            which = f"{first}" if first == last else f"{first}—{last}"
            self.stdout.write(f"已装入 {which} 年，共 {loaded.days} 个节假日和调休上班日。")
            if loaded.moved.looked_at:
                self.stdout.write(f"{loaded.moved.looked_at} 件未办事项的期限中有 {loaded.moved.moved} 件调整。")
        else:
            self.stdout.write("没有新公布的年份。")
