"""The copy of an upload in which every error stands beside its row."""

import datetime as dt
from collections import defaultdict

from workbooks.cells import tidy
from workbooks.headers import ERROR_HEADER
from workbooks.importing import ImportResult, RowError, filled_rows
from workbooks.writing import HEADER_LOOK, CellWriter, Target, fit_height, new_book, prepare_print, safe_sheet_name

_MESSAGE_WIDTH = 60
_WRONG = {"bg_color": "#FCE4D6", "border": 1, "border_color": "#C65911"}


def write_marked(result: ImportResult, out: Target, *, created: dt.datetime) -> None:
    """Write the sheet that was read as .xlsx, its cells unchanged, faulty ones coloured, with a column 错误说明 at the end.

    Row numbers stay. Corrected, the copy can be imported as it is: the column is not read.
    """
    table = result.table
    rows, header = table.sheet.rows, table.header_row - 1
    place = _place_of_messages(rows, header)
    by_row: dict[int, list[RowError]] = defaultdict(list)
    for error in result.errors:
        by_row[(error.row or table.header_row) - 1].append(error)

    with new_book(out, created=created) as book:
        cells = CellWriter(book)
        sheet = book.add_worksheet(safe_sheet_name(table.sheet.name))
        prepare_print(sheet, header_rows=header + 1)
        for attr, at in table.places.items():
            column = result.columns[attr]
            sheet.set_column(at - 1, at - 1, column.width or max(column.clean.width, 2.2 * len(column.header)))
        sheet.set_column(place, place, _MESSAGE_WIDTH)
        for number, row in enumerate([*rows[: header + 1], *filled_rows(table.sheet, header + 1, max(map(len, rows)))]):
            messages = "；".join(
                f"{error.column}：{error.message}" if error.column else error.message for error in by_row[number]
            )
            if number == header:
                messages = f"{ERROR_HEADER}：{messages}" if messages else ERROR_HEADER
            fit_height(sheet, number, [(messages, _MESSAGE_WIDTH)])
            wrong = {error.place - 1 for error in by_row[number] if error.place}
            for column, cell in enumerate(row):
                if column != place:
                    look = HEADER_LOOK if number == header else _WRONG if column in wrong else {}
                    as_text = {"num_format": "@"} if isinstance(cell, str) else {}
                    cells.write(sheet, number, column, cell, **look, **as_text)
            look = HEADER_LOOK if number == header else {"text_wrap": True, "font_color": "#B42318"}
            if messages:
                cells.write(sheet, number, place, messages, **look)


def _place_of_messages(rows: list[list], header: int) -> int:
    """The column of 错误说明, counted from 0: the one that an earlier marked copy already has, else behind the last."""
    for place, cell in enumerate(rows[header]):
        if isinstance(cell, str) and tidy(cell).startswith(ERROR_HEADER):
            return place
    return max(map(len, rows))
