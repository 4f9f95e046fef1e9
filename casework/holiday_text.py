"""The holidays of a year as text: read as the State Council's notice writes them, and written for correction.

One holiday a line, ``春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）上班。`` or, shorter,
``春节 2027-02-05 至 2027-02-11``; make-up working days also on a line of their own, ``调休上班 2027-01-30、2027-02-20``.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from casework.calendar import SATURDAY, spoken
from casework.models import CalendarDay, DayKind

LONGEST_NAME = 40
# No holiday is longer; a wrong month stands out.
LONGEST_HOLIDAY = 31
QUOTED = 40
PROBLEMS_SHOWN = 20
DECEMBER = 12
DAY = dt.timedelta(days=1)
WEEKDAYS = "一二三四五六日"

CHINESE = "[一二三四五六七八九十]{1,3}"
NUMBERING = re.compile(rf"^\s*(?:\((?:{CHINESE}|\d{{1,2}})\)|{CHINESE}[、.]|\d{{1,2}}[、.)](?!\d))\s*")
NOTE = re.compile(r"\([^()]*\)")
BLANKS = re.compile(r"\s*([年月日至到、,])\s*")
WORD = "放假|调休|上班|补班|不调休|与周末连休|连休|照常|休息"
DATED = re.compile(r"(?:\d{4}[年/.-])?\d{1,2}[月/.-]\d{1,2}")
DATE = re.compile(r"\s*(?:(\d{4})[年/.-])?(?:(\d{1,2})[月/.-])?(\d{1,2})日?(?![\d月])\s*")
UNTIL = re.compile(r"[至到~—-]+")
NEXT = re.compile(r"[、,和及与]")
TAIL = re.compile(rf"(?:{WORD}|共?(?P<days>\d{{1,3}})天|[,、:\s])*")
WIDE = str.maketrans("(),:;", "（），：；")


class UnableToReadHolidays(ValueError):
    """The text is no list of holidays; ``problems`` says line by line what is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("".join(problems))


@dataclass(frozen=True)
class Holiday:
    """A day that differs from its weekday."""

    day: dt.date
    kind: DayKind
    name: str


class _Wrong(Exception):
    """What is wrong with one line."""


def read(text: str, year: int) -> list[Holiday]:
    """Return the days that a text names, in their order. Dates without a year are those of ``year``.

    Days of the December before belong to the year too: New Year's holiday may begin there.
    Raises UnableToReadHolidays when any line cannot be read, names a day twice or one that cannot be.
    """
    found: dict[dt.date, tuple[int, Holiday]] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            for holiday in _read_line(line, year):
                _check(holiday, year, found)
                found[holiday.day] = (number, holiday)
        except _Wrong as wrong:
            quoted = line.strip()
            quoted = quoted if len(quoted) <= QUOTED else f"{quoted[:QUOTED]}…"
            problems.append(f"第{number}行「{quoted}」{wrong}。")
    if len(problems) > PROBLEMS_SHOWN:
        problems[PROBLEMS_SHOWN:] = [f"另有 {len(problems) - PROBLEMS_SHOWN} 行无法识别。"]
    if not problems and not any(holiday.kind == DayKind.REST for _, holiday in found.values()):
        problems = ["没有写放假的日子。请一行写一个节日，例如：春节 2月5日至2月11日。"]
    if problems:
        raise UnableToReadHolidays(problems)
    return [found[day][1] for day in sorted(found)]


def _read_line(line: str, year: int) -> Iterator[Holiday]:
    plain = BLANKS.sub(r"\1", NUMBERING.sub("", unicodedata.normalize("NFKC", line)))
    name = ""
    for clause in re.split("[。;]", plain):
        if not clause.strip():
            continue
        first = DATED.search(clause)
        if first is None:
            raise _Wrong("无法识别：没有写日期，日期应如 2月5日 或 2027-02-05")
        before, rest = clause[: first.start()], NOTE.sub("", clause[first.start() :])
        name = re.sub(WORD, "", before).strip(" \t:,、").translate(WIDE) or name
        if len(name) > LONGEST_NAME:
            raise _Wrong(f"无法识别：节日名称有 {len(name)} 个字，最多 {LONGEST_NAME} 个字")
        works = re.search("上班|补班", before + rest) is not None
        if works and "放假" in before + rest:
            raise _Wrong("无法识别：放假和上班请用句号隔开，或分两行写")
        days, told = _read_days(rest, year)
        if told is not None and not works and told != len(days):
            raise _Wrong(f"写的是共{told}天，按日期数是{len(days)}天")
        kind = DayKind.WORK if works else DayKind.REST
        yield from (Holiday(day, kind, name) for day in days)


def _read_days(text: str, year: int) -> tuple[list[dt.date], int | None]:
    """Return the days of ranges and lists, and how many the text says they are."""
    days: list[dt.date] = []
    day, place = None, 0
    while match := DATE.match(text, place):
        day, place = _date(match, year, day), match.end()
        if until := UNTIL.match(text, place):
            last = DATE.match(text, until.end())
            if last is None:
                raise _Wrong("无法识别：「至」后面应当是日期")
            end = _date(last, year, day, follows=True)
            if not day < end < day + LONGEST_HOLIDAY * DAY:
                raise _Wrong(f"从{spoken(day)}到{spoken(end)}，起止日期不对")
            days += [day + number * DAY for number in range((end - day).days)]
            day, place = end, last.end()
        days.append(day)
        if then := NEXT.match(text, place):
            place = then.end()
    tail = TAIL.fullmatch(text, place)
    if tail is None:
        raise _Wrong(f"无法识别：看不懂「{text[place:][:QUOTED]}」")
    return days, int(tail["days"]) if tail["days"] else None


def _date(match: re.Match, year: int, before: dt.date | None, *, follows: bool = False) -> dt.date:
    if match[2] is None and before is None:
        raise _Wrong(f"无法识别：「{match[0].strip()}」没有写月份")
    month, of_month = int(match[2] or before.month), int(match[3])
    if match[1]:
        year = int(match[1])
    elif follows and before is not None:
        # 2026年12月31日至1月2日
        year = before.year + ((month, of_month) < (before.month, before.day))
    elif before is not None and match[2] is None:
        year = before.year
    try:
        return dt.date(year, month, of_month)
    except ValueError:
        raise _Wrong(f"没有{year}年{month}月{of_month}日这一天") from None


def _check(holiday: Holiday, year: int, found: dict[dt.date, tuple[int, Holiday]]) -> None:
    day = holiday.day
    if day.year != year and (day.year, day.month) != (year - 1, DECEMBER):
        raise _Wrong(f"中{spoken(day)}不是{year}年的日子")
    if day in found:
        number, earlier = found[day]
        if earlier.kind == holiday.kind:
            raise _Wrong(f"中{spoken(day)}与第{number}行重复")
        raise _Wrong(f"中{spoken(day)}在第{number}行是{earlier.kind.label}，在这里是{holiday.kind.label}")
    if holiday.kind == DayKind.WORK and day.weekday() < SATURDAY:
        raise _Wrong(f"中{spoken(day)}是星期{WEEKDAYS[day.weekday()]}，本来就上班，请核对日期")


def write(days: Iterable[CalendarDay]) -> str:
    """Return days as a text that ``read`` understands, one line for each holiday."""
    by_name: dict[str, dict[str, list[dt.date]]] = {}
    for row in sorted(days, key=lambda row: (row.kind != DayKind.REST, row.day)):
        by_name.setdefault(row.name, {}).setdefault(row.kind, []).append(row.day)
    lines = []
    for name, kinds in by_name.items():
        rest, work = "、".join(_runs(kinds.get(DayKind.REST, []))), "、".join(map(str, kinds.get(DayKind.WORK, [])))
        if name and rest and work:
            lines.append(f"{name} {rest}；{work} 上班")
        else:
            lines += [f"{name or '放假'} {rest}"] if rest else []
            lines += [f"{name}调休上班 {work}"] if work else []
    return "\n".join(lines)


def _runs(days: list[dt.date]) -> Iterator[str]:
    """Return days in their order as ranges: 2027-02-05 至 2027-02-11."""
    while days:
        length = next((n for n in range(1, len(days)) if days[n] != days[0] + n * DAY), len(days))
        yield str(days[0]) if length == 1 else f"{days[0]} 至 {days[length - 1]}"
        days = days[length:]
