import decimal
import re

from workbooks.cells import CellError, compact, text_of, type_of_cell
from workbooks.cleaners.base import Cleaner


class Integer(Cleaner):
    """A whole number between `low` and `high`; 3.0 and `１２` and `1,200` are read as what they mean."""

    kind = "number"
    width = 9.0
    _pattern = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.0*)?")

    def __init__(self, low: int = 0, high: int = 1_000_000_000):
        self.low, self.high = low, high
        self.rule = f"整数，{low} 至 {high}" if high < 1_000_000_000 else "整数"

    def clean(self, cell: type_of_cell) -> int:
        if isinstance(cell, bool):
            raise CellError("应为整数")
        text = compact(text_of(cell))
        if not text.isascii() or not self._pattern.fullmatch(text):
            raise CellError("应为整数")
        number = int(text.partition(".")[0].replace(",", ""))
        if not self.low <= number <= self.high:
            raise CellError(f"应在 {self.low} 至 {self.high} 之间")
        return number


class Decimal(Cleaner):
    """A number with at most `places` decimals (more are rounded half up) between `low` and `high`."""

    kind = "number"
    width = 10.0

    def __init__(self, places: int = 2, low: float = 0, high: float = 1_000_000_000):
        self.step = decimal.Decimal(1).scaleb(-places)
        self.low, self.high = low, high
        self.rule = f"数字，最多 {places} 位小数"

    def clean(self, cell: type_of_cell) -> decimal.Decimal:
        if isinstance(cell, bool):
            raise CellError("应为数字")
        text = compact(text_of(cell)).replace(",", "")
        if not text.isascii() or not re.fullmatch(r"[+-]?\d{1,15}(\.\d{0,20})?(e[+-]?\d{1,2})?", text, re.IGNORECASE):
            raise CellError("应为数字")
        number = decimal.Decimal(text)
        if not self.low <= number <= self.high:
            raise CellError(f"应在 {self.low} 至 {self.high} 之间")
        return number.quantize(self.step, rounding=decimal.ROUND_HALF_UP)

    def show(self, value: decimal.Decimal | None) -> float | str:
        return "" if value is None else float(value)
