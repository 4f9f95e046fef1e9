"""Reads a workbook in a process of its own: `python excel_reader.py MAX_ROWS MAX_COLUMNS MAX_BYTES < FILE`, answers in pickle.

A workbook of a few kilobytes can name one cell in its last row and last column; the reader then asks for half a terabyte
and its process is aborted, which no `except` can catch. Here only this process dies, within limits of memory and time.
"""

import io
import pickle
import sys

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum


def limit_memory(size: int) -> None:
    """Let this process grow to `size` bytes and no further, where the system can do that."""
    try:
        import resource
    except ImportError:  # Not a Unix host.
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(data: bytes, max_rows: int, max_columns: int) -> list[tuple]:
    """(name, rows, columns, cells, merged ranges) of every visible sheet; cells are missing where the sheet is too large."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    kinds = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    sheets = []
    for meta in [meta for meta in kinds if meta.visible == SheetVisibleEnum.Visible] or kinds:
        sheet = book.get_sheet_by_name(meta.name)
        rows, columns = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
        fits = rows <= max_rows and columns <= max_columns
        cells = sheet.to_python(skip_empty_area=False) if fits else []
        sheets.append((meta.name, rows, columns, cells, list(sheet.merged_cell_ranges or ())))
    return sheets


if __name__ == "__main__":
    limit_memory(int(sys.argv[3]))
    try:
        answer = read(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 -- a panic of the reader is no Exception
        answer = f"{type(error).__name__}: {error}"
    pickle.dump(answer, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
