"""Finds the header in a sheet: below title rows, over one or two rows, with columns in any order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbooks.cells import CellError, column_letters, compact, quoted, text_of, type_of_cell
from workbooks.columns import Column, Form
from workbooks.reading import Sheet, WorkbookError

SEARCHED_ROWS = 10
ERROR_HEADER = "错误说明"


@dataclass(frozen=True)
class Table:
    """A sheet with its header understood. Rows and columns count from 1, as the sheet shows them."""

    sheet: Sheet
    header_row: int
    places: dict[str, int]  # attr → column
    unknown: tuple[str, ...]  # headers that the form does not know
    problems: tuple[tuple[int, str, str], ...]  # (column or 0, header, message)


def header_key(cell: type_of_cell) -> str:
    """The header without blanks, line breaks, asterisks, in half-width characters."""
    try:
        return compact(text_of(cell)).strip("*:：").lower()
    except CellError:
        return ""


def find_table(form: Form, sheets: Sequence[Sheet]) -> Table:
    """The first sheet that has all required columns, or else the one that looks most like the form.

    Raises `WorkbookError` when no sheet has a header of the form.
    """
    best: tuple[int, Table] | None = None
    for sheet in sheets:
        score, table = _table_in(form, sheet)
        if score and not _missing(form, table):
            return table
        if score and (best is None or score > best[0]):
            best = score, table
    if best is None:
        names = "、".join(column.header for column in form.columns if column.required)
        where = "、".join(sheet.name for sheet in sheets[:3])
        raise WorkbookError(f"表 {where} 前 {SEARCHED_ROWS} 排里没有找到表头（{names} 等列名）；请对照模板填写")
    return best[1]


def _table_in(form: Form, sheet: Sheet) -> tuple[int, Table]:
    known = _known_headers(form)
    top = [[header_key(cell) for cell in row] for row in sheet.rows[:SEARCHED_ROWS]]
    spread = _spread_merged(top, sheet)
    best_score, best_row, best = 0, 0, []
    for index, row in enumerate(top):
        candidates = [row]
        if index:
            candidates.append(_joined(top[index - 1], row, known))
        for candidate in candidates:
            score = len({known[key].attr for key in map(_bare(known), candidate) if key in known})
            if score > best_score or (score and score == best_score and index in spread and index > best_row):
                best_score, best_row, best = score, index, candidate
    required = {column.attr for column in form.columns if column.required}
    keys = [_bare(known)(key) for key in best]
    if best_score < 2 and not any(key in known and known[key].attr in required for key in keys):
        best_score = 0
    return best_score, _table(form, sheet, best_row, keys, known)


def _table(form: Form, sheet: Sheet, index: int, keys: Sequence[str], known: dict[str, Column]) -> Table:
    places: dict[str, list[int]] = {}
    unknown = []
    for number, key in enumerate(keys, start=1):
        if key in known:
            places.setdefault(known[key].attr, []).append(number)
        elif key and not key.startswith(ERROR_HEADER):
            row = sheet.rows[index]
            unknown.append(quoted(row[number - 1]) if number <= len(row) else key)
    columns = form.by_attr()
    problems = [
        (
            at[1],
            columns[attr].header,
            f"这一列出现了 {len(at)} 次（{'、'.join(map(column_letters, at))} 列），请只留一列",
        )
        for attr, at in places.items()
        if len(at) > 1
    ]
    if missing := [column.header for column in form.columns if column.required and column.attr not in places]:
        problems.append((0, "", f"缺少必填列：{'、'.join(missing)}"))
    first = {attr: at[0] for attr, at in places.items()}
    return Table(sheet, index + 1, first, tuple(filter(None, unknown)), tuple(problems))


def _missing(form: Form, table: Table) -> bool:
    return any(column.required and column.attr not in table.places for column in form.columns)


def _known_headers(form: Form) -> dict[str, Column]:
    known = {header_key(name): column for column in form.columns for name in column.alternatives}
    return known | {header_key(column.header): column for column in form.columns}


def _bare(known: dict[str, Column]):
    """A header that is only known without a remark in brackets — 性别(男/女), 姓名（必填） — loses the remark."""

    def bare(key: str) -> str:
        if key in known:
            return key
        short = re.sub(r"[*:：]*(\(.*\)|\[.*\]|（.*）)$", "", key)
        return short if short in known else key

    return bare


def _joined(upper: list[str], lower: list[str], known: dict[str, Column]) -> list[str]:
    """Two header rows as one: the lower name where it is known or the upper says nothing, else the upper."""
    bare = _bare(known)
    width = max(len(upper), len(lower))
    pairs = zip(upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower)), strict=True)
    return [low if bare(low) in known or not (up and (bare(up) in known or not low)) else up for up, low in pairs]


def _spread_merged(top: list[list[str]], sheet: Sheet) -> set[int]:
    """Gives headers that are merged downwards to each row that they cover; tells which rows got one."""
    spread = set()
    for (first, left), (last, _right) in sheet.merged:
        if first < len(top) and left < len(top[first]):
            for row in range(first + 1, min(last + 1, len(top))):
                if left < len(top[row]) and top[first][left] and not top[row][left]:
                    top[row][left] = top[first][left]
                    spread.add(row)
    return spread
