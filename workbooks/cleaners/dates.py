import datetime as dt
import re
from dataclasses import dataclass

from workbooks.cells import CellError, half_width, text_of, tidy, type_of_cell
from workbooks.cleaners.base import Cleaner

_SERIAL_ZERO = dt.date(1899, 12, 30)
_DAY = re.compile(
    r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*[日号]?(?:[ T]*\d{1,2}[:时].*)?", re.ASCII
)
_MONTH = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*月?(?:[份生]|出生)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})\s*年?(?:生|出生)?", re.ASCII)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})", re.ASCII)
_NUMBER = re.compile(r"\d{1,5}(?:\.\d*)?", re.ASCII)


def _plain(cell: type_of_cell) -> str:
    text = half_width(tidy(text_of(cell)))
    return text.replace("－", "-").replace("–", "-").replace("—", "-").replace("。", ".")


class Date(Cleaner):
    """A day: 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日, 20260305, a date cell or an Excel serial → `date`."""

    kind = "date"
    width = 12.0
    rule = "日期，例如 2026-03-05"
    _wrong = "不是日期，请写成 2026-03-05"

    def __init__(self, first_year: int = 1949, last_year: int = 2099):
        self.first_year, self.last_year = first_year, last_year

    def clean(self, cell: type_of_cell) -> dt.date:
        if isinstance(cell, dt.datetime):
            return self._sane(cell.date())
        if isinstance(cell, dt.date):
            return self._sane(cell)
        if isinstance(cell, bool | dt.time | dt.timedelta):
            raise CellError(self._wrong)
        text = _plain(cell)
        if match := _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
            return self._day(*match.groups())
        if text.isascii() and _NUMBER.fullmatch(text):
            return self._sane(_SERIAL_ZERO + dt.timedelta(days=int(float(text))))
        raise CellError(self._wrong)

    def _day(self, year: str, month: str, day: str) -> dt.date:
        try:
            return self._sane(dt.date(int(year), int(month), int(day)))
        except CellError:
            raise
        except ValueError:
            raise CellError("没有这一天，请核对年月日") from None

    def _sane(self, day: dt.date) -> dt.date:
        if not self.first_year <= day.year <= self.last_year:
            raise CellError(f"年份应在 {self.first_year} 至 {self.last_year} 之间")
        return day


@dataclass(frozen=True, order=True)
class PartialDate:
    """A birth as an office knows it. `first` is the first day of what is known; `precision` is year, month or day."""

    first: dt.date
    precision: str = "day"

    def __str__(self) -> str:
        return {"year": f"{self.first:%Y}", "month": f"{self.first:%Y.%m}", "day": f"{self.first:%Y-%m-%d}"}[
            self.precision
        ]


class PartialDateCleaner(Date):
    """A birth: 1967年3月, 1967.03, 196703, 1967, or a full day in any form of `Date` → `PartialDate`.

    A date *cell* on the first of a month is the month: that is what a spreadsheet makes of a typed 1967年3月.
    `1967.1` is refused: a cell that held 1967.10 as a number has lost its zero, and January and October look the same.
    """

    kind = "text"
    rule = "年月，例如 1967.03；也可只填年份或填到日"
    _wrong = "不是年月，请写成 1967.03 或 1967年3月"

    def __init__(self, first_year: int = 1900, last_year: int = 2099):
        super().__init__(first_year, last_year)

    def clean(self, cell: type_of_cell) -> PartialDate:
        if isinstance(cell, dt.date | bool | dt.time | dt.timedelta):
            day = super().clean(cell)
            return PartialDate(day, "month" if day.day == 1 else "day")
        text = _plain(cell)
        if re.fullmatch(r"\d{4}\.1", text):
            raise CellError(f"看不出是 1 月还是 10 月，请写成 {text[:4]}年1月 或 {text[:4]}年10月")
        if match := _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text):
            return PartialDate(self._day(*match.groups(), "1"), "month")
        if match := _YEAR.fullmatch(text):
            return PartialDate(self._day(match[1], "1", "1"), "year")
        return PartialDate(super().clean(re.sub("出?生$", "", text)))

    def show(self, value: PartialDate | None) -> str:
        return "" if value is None else str(value)
