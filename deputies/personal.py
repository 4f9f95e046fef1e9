"""个人信息报告: everything that the portal holds on a person, section by section (个人信息保护法 44, 45).

The apps above add their sections in their ``AppConfig.ready``. A section says only what its reader may see: the person
himself everything, staff what their register shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import keeps_registers
from audit.models import Entry, Kind
from audit.services import record
from casework.models import Event, Obligation
from deputies.items import ITEMS
from deputies.models import Correction, GroupMember, Person, Seat
from workbooks.cleaners import Text
from workbooks.columns import Column, Form

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet


@dataclass(frozen=True)
class Line:
    """One fact: what it is called, what it is, and the page of the rows behind it, if the reader may open one."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class Section:
    """Facts of one kind; one without any says so."""

    title: str
    lines: list[Line] = field(default_factory=list)


Source = Callable[["Person", "User"], list[Section]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a function that returns sections of the report of a person for a reader."""
    _sources.append(source)


def is_own(person: Person, user: User) -> bool:
    """Say whether the reader is the person himself, who is told everything."""
    return person.user_id == user.pk


def readable(rows: QuerySet, person: Person, user: User) -> QuerySet:
    """Return rows about the person as far as the reader may see them; the person himself sees all."""
    return rows if is_own(person, user) else rows.visible_to(user)


def day(moment: dt.datetime | None) -> str:
    """Return the day of a moment as the report writes it; empty for none."""
    return f"{timezone.localtime(moment):%Y-%m-%d}" if moment else ""


def report(*, person: Person, user: User) -> list[Section]:
    """Return the whole report of a person; opening that of somebody else is written down as a look.

    The caller has found the person among those whose data the user keeps, or is himself. A fixed number of queries.
    """
    if not is_own(person, user):
        record(kind=Kind.UNMASK, user=user, target=person, label=person.name, details={"what": "个人信息报告（全部）"})
    sections = [_basics(person), _seats(person, user), _corrections(person, user)]
    sections += _account(person, user)
    for source in _sources:
        sections += source(person, user)
    return [*sections, _trail(person)]


def _basics(person: Person) -> Section:
    lines = [Line(item.label, item.shown(person)) for item in ITEMS.values()]
    if person.erased_at:
        lines.append(Line("按期删除", f"{day(person.erased_at)}，{person.erased_why}"))
    return Section("基本资料", lines)


def _seats(person: Person, user: User) -> Section:
    seats = readable(Seat.objects.filter(person=person), person, user)
    seats = seats.select_related("term__congress", "delegation").order_by("-started_on")
    members: dict[int, list[str]] = {}
    for row in GroupMember.objects.filter(seat__person=person).select_related("group"):
        members.setdefault(row.seat_id, []).append(f"{row.group.name}（{row.get_office_display()}）")
    lines = []
    for seat in seats:
        # What another congress remarks about its deputy is its own business.
        remark = seat.note if is_own(person, user) or seat.term.congress_id == user.hat.congress_id else ""
        lines.append(Line(str(seat.term), _seat(seat, members.get(seat.pk, []), remark)))
    return Section("任职和代表小组", lines)


def _seat(seat: Seat, groups: list[str], remark: str) -> str:
    ended = f" 至 {seat.ended_on:%Y-%m-%d}" if seat.ended_on else " 起"
    parts = [
        seat.delegation.name,
        seat.elected_by,
        f"代表证号 {seat.certificate_no}" if seat.certificate_no else "",
        f"{seat.started_on:%Y-%m-%d}{ended}",
        seat.get_status_display(),
        seat.end_reason,
        "连任" if seat.is_reelected else "",
        "常委会组成人员" if seat.is_committee_member else "",
        *groups,
        f"备注：{remark}" if remark else "",
    ]
    return "；".join(filter(None, parts))


def _corrections(person: Person, user: User) -> Section:
    rows = Correction.objects.filter(person=person)
    url = reverse("deputies:my-corrections") if is_own(person, user) else reverse("deputies:corrections")
    return Section(
        "更正申请",
        [Line(f"{day(row.asked_at)} {ITEMS[row.field].label}", row.get_state_display(), url) for row in rows],
    )


def _account(person: Person, user: User) -> list[Section]:
    account = person.user
    if account is None:
        return [Section("登录账号")]
    if not (is_own(person, user) or User.objects.visible_to(user).filter(pk=account.pk).exists()):
        return [Section("登录账号", [Line("用户名", account.username), Line("说明", "账号现在不属于本单位管理")])]
    second = account.authenticator_set.count()
    lines = [
        Line("用户名", account.username),
        Line("姓名", account.name),
        Line("手机号码", account.phone),
        Line("电子邮箱", account.email),
        Line("任职身份", "、".join(map(str, account.hats))),
        Line("状态", "启用" if account.is_active else "停用"),
        Line("开设时间", day(account.date_joined)),
        Line("最近登录", day(account.last_login)),
        Line("现有登录（设备）", f"{account.usersession_set.count()} 个"),
        Line("接口令牌", f"{account.api_tokens.count()} 个"),
        Line("二次验证", "已设置" if second else "没有设置"),
        Line("用过的密码（只存散列值）", f"{account.past_passwords.count()} 个"),
    ]
    # Where he wants to be reminded is his own matter.
    told = [
        Line(row.get_channel_display(), row.address if is_own(person, user) else "已登记")
        for row in account.addresses.all()
    ]
    told.append(Line("站内消息", f"{account.messages.count()} 条"))
    told.append(Line("提醒记录", f"{account.notices.count()} 条"))
    told.append(Line("每日提醒汇总", f"{account.digests.count()} 份"))
    acts = [
        Line("办理记载", f"{Event.objects.filter(actor=account).count()} 条"),
        Line("待办事项", f"{Obligation.objects.filter(owner_user=account).count()} 件"),
    ]
    return [Section("登录账号", lines), Section("提醒", told), Section("办理", acts)]


def _trail(person: Person) -> Section:
    """Who looked at his masked data, how often and when last."""
    looks = (
        Entry.objects.filter(kind=Kind.UNMASK, object_table=Person._meta.db_table, object_key=str(person.pk))  # noqa: SLF001
        .order_by()
        .values("actor")
        .annotate(n=Count("pk"), last=Max("at"))
        .order_by("actor")
    )
    lines = [Line(row["actor"], f"查看 {row['n']} 次，最近 {day(row['last'])}") for row in looks]
    if person.user_id:
        entries = Entry.objects.filter(actor_id=person.user_id)
        found = entries.order_by().aggregate(n=Count("pk"), last=Max("at"))
        lines.append(Line("本人账号的审计记录", f"{found['n']} 条，最近 {day(found['last']) or '—'}"))
    return Section("查看和审计", lines)


class ReportForm(Form):
    """The report as a workbook; nobody imports it."""

    kind = "personal_report"
    title = "个人信息报告"
    columns = (
        Column("类别", "section", width=18),
        Column("项目", "label", width=30),
        Column("内容", "value", Text(32_000, width=70.0)),
    )

    def export_rows(self, records: Iterable[Section]) -> Iterator[dict[str, Any]]:
        for section in records:
            for line in section.lines or [Line("", "没有")]:
                yield {"section": section.title, "label": line.label, "value": line.value}


def lines_in(sections: Iterable[Section]) -> int:
    """Return how many facts a report holds."""
    return sum(len(section.lines) for section in sections)


def url_for_keepers(user: User, name: str, *args: int) -> str:
    """Return the address of a register's page for who keeps it, nothing for others."""
    return reverse(name, args=args) if keeps_registers(user) else ""
