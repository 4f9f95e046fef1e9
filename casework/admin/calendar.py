"""Registers of the working-day calendar."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.admin_base import YEARS, RegisterForm, ScopedAdmin
from casework import holidays
from casework.admin.installation import Installation
from casework.holiday_text import UnableToReadHolidays, read, write
from casework.locks import lock_calendar
from casework.models import CalendarDay, CalendarYear, DayKind
from casework.moving import Moved
from workbooks.cleaners import Text

# A year takes some 500 characters.
LONGEST_TEXT = 5000
EXAMPLE = """元旦：1月1日至3日放假调休，共3天。1月10日上班。
春节 2月5日至2月11日
调休上班 1月30日、2月20日"""
HELP = (
    "一行一个节日，把国务院办公厅通知里的各条逐行粘贴进来即可，也可以写成：春节 2027-02-05 至 2027-02-11；"
    "调休上班 2027-01-30、2027-02-20。年份不写即为本年；上年 12 月的日子要写年份。"
)


class KeepsCalendar(Installation):
    """Registers whose rows decide on deadlines: saving and deleting go through ``holidays``."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST" and self.may_keep(request.user):
                lock_calendar()
            return super().changeform_view(request, *args, **kwargs)

    def say(self, request: HttpRequest, what: str, moved: Moved) -> None:
        """Tell the administrator what became of the open deadlines."""
        if moved.looked_at:
            what += f"：{moved.looked_at} 件未办事项的期限中有 {moved.moved} 件调整"
        messages.success(request, f"{what}。")


class YearForm(RegisterForm):
    arrangement = forms.CharField(
        label="放假安排",
        max_length=LONGEST_TEXT,
        strip=False,
        help_text=HELP,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 80, "placeholder": EXAMPLE}),
    )

    class Meta:
        error_messages = {"year": {"unique": "这一年已经登记，请打开它的页面修改。"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read: list = []
        if self.instance.pk:
            self.fields["arrangement"].initial = _text(self.instance)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        year, text = self.cleaned_data.get("year", self.instance.year), self.cleaned_data.get("arrangement")
        if year is not None and year not in YEARS:
            self.add_error("year", f"年份应在 {YEARS[0]} 至 {YEARS[-1]} 之间。")
        elif year is not None and text is not None:
            try:
                self.read = read(text, year)
            except UnableToReadHolidays as error:
                self.add_error("arrangement", error.problems)
        return data


def _text(year: CalendarYear) -> str:
    return write(CalendarDay.objects.filter(day__year=year.year))


@admin.register(CalendarYear)
class CalendarYearAdmin(KeepsCalendar, ScopedAdmin):
    form = YearForm
    measure_word = "年"
    list_display = ["year", "rests", "works"]
    fields = ["year", "arrangement"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        def number(kind: DayKind) -> Coalesce:
            days = CalendarDay.objects.filter(day__year=OuterRef("year"), kind=kind).order_by()
            return Coalesce(Subquery(days.values("kind").annotate(number=Count("pk")).values("number")), 0)

        return super().get_queryset(request).annotate(rests=number(DayKind.REST), works=number(DayKind.WORK))

    def get_readonly_fields(self, request: HttpRequest, obj: CalendarYear | None = None) -> list[str]:
        return ["year"] if obj else []

    @admin.display(description="放假天数", ordering="rests")
    def rests(self, row: CalendarYear) -> int:
        return row.rests

    @admin.display(description="调休上班天数", ordering="works")
    def works(self, row: CalendarYear) -> int:
        return row.works

    @admin.display(description="放假安排")
    def arrangement(self, row: CalendarYear) -> str:
        return _text(row)

    def _mark(self, request: HttpRequest, key: str, *, lock: bool) -> str:
        mark = super()._mark(request, key, lock=lock)
        row = CalendarYear.objects.filter(pk=key).first() if mark else None
        return mark + hashlib.sha256(_text(row).encode()).hexdigest() if row else mark

    def save_model(self, request: HttpRequest, obj: CalendarYear, form: YearForm, change: bool) -> None:
        row, moved = holidays.enter_year(year=obj.year, days=form.read, actor=request.user, now=timezone.now())
        obj.pk = row.pk
        self.say(request, f"{'已更正' if change else '已公布'}{obj.year}年安排", moved)

    def delete_model(self, request: HttpRequest, obj: CalendarYear) -> None:
        moved = holidays.withdraw_year(year=obj.year, actor=request.user, now=timezone.now())
        self.say(request, f"已撤销{obj.year}年安排", moved)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        to_delete, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        days = CalendarDay.objects.filter(day__year__in=[row.year for row in objs]).count()
        if days:
            counts |= {CalendarDay._meta.verbose_name_plural: days}  # noqa: SLF001 - Django's documented model API
        return to_delete, counts, forbidden, protected


class DayForm(RegisterForm):
    cleaners = {"name": Text(40)}
    days = ("day",)


@admin.register(CalendarDay)
class CalendarDayAdmin(KeepsCalendar, ScopedAdmin):
    form = DayForm
    measure_word = "天"
    list_display = ["day", "kind", "name"]
    list_filter = ["kind"]
    search_fields = ["name"]
    search_help_text = "按节假日名称查找"

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: DayForm, change: bool) -> None:
        moved = holidays.save_day(day=obj, actor=request.user, now=timezone.now())
        self.say(request, f"已登记{obj}", moved)

    def delete_model(self, request: HttpRequest, obj: CalendarDay) -> None:
        moved = holidays.delete_days(days=[obj], actor=request.user, now=timezone.now())
        self.say(request, f"已取消{obj}", moved)
