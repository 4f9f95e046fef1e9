"""Opens a file that someone sent and gives its sheets. What the file is, its content says, never its name."""

import csv
import io
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from workbooks import excel_reader
from workbooks.cells import tidy, type_of_cell

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 256
MAX_CELLS = 3_000_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
READER_MEMORY = 1536 * 1024 * 1024
READER_SECONDS = 90

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再导入"
_NOT_A_TABLE = "不是表格文件；请上传 .xlsx、.xls 或 .csv"
_KNOWN_BEGINNINGS = {
    b"%PDF": "这是 PDF 文件，" + _NOT_A_TABLE,
    b"\x89PNG": "这是图片，" + _NOT_A_TABLE,
    b"\xff\xd8\xff": "这是图片，" + _NOT_A_TABLE,
    b"GIF8": "这是图片，" + _NOT_A_TABLE,
    b"Rar!": "这是压缩包；请解压后上传里面的表格",
    b"7z\xbc\xaf": "这是压缩包；请解压后上传里面的表格",
    b"\x1f\x8b": "这是压缩包；请解压后上传里面的表格",
    b"{\\rtf": "这是文档，" + _NOT_A_TABLE,
}


class WorkbookError(Exception):
    """The file cannot be used at all. Its text is the clerk's message."""


@dataclass
class Sheet:
    """One sheet as it is in the file: `rows[0]` is row 1, `rows[0][0]` column A. `merged`: ((row, column), (row, column)) from 0."""

    name: str
    rows: list[list[type_of_cell]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = field(default=())


def open_sheets(file: str | os.PathLike | IO[bytes], *, name: str = "") -> list[Sheet]:
    """The visible sheets of a workbook or a csv file, given as a path or an open binary file (an upload).

    Raises `WorkbookError` for whatever is not a readable table: wrong type, empty, encrypted, with macros, too large.
    """
    data, name = _bytes_of(file, name)
    if not data.strip(b"\0 \t\r\n"):
        raise WorkbookError("文件是空的")
    if message := next((text for start, text in _KNOWN_BEGINNINGS.items() if data.startswith(start)), ""):
        raise WorkbookError(message)
    if data.startswith(b"PK"):
        _check_package(data)
        sheets = _read_excel(data)
    elif data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _check_old_excel(data)
        sheets = _read_excel(data)
    else:
        sheets = [_read_csv(data, Path(name).stem or "表格")]
    if not any(sheet.rows for sheet in sheets):
        raise WorkbookError("表里没有内容")
    return sheets


def _bytes_of(file: str | os.PathLike | IO[bytes], name: str) -> tuple[bytes, str]:
    if isinstance(file, str | os.PathLike):
        try:
            with Path(file).open("rb") as stream:
                return _bytes_of(stream, name or os.fspath(file))
        except FileNotFoundError:
            raise WorkbookError(f"找不到文件 {tidy(os.fspath(file))}") from None
        except (OSError, ValueError):
            raise WorkbookError(f"打不开文件 {tidy(os.fspath(file))}") from None
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise WorkbookError(f"文件超过 {MAX_BYTES // 1024 // 1024} MB；请删去图片和多余的工作表，或分成几个文件")
    return data, tidy(name or str(getattr(file, "name", "") or ""))


def _check_package(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {part.filename: part for part in package.infolist()}
            unpacked = sum(part.file_size for part in parts.values())
            if len(parts) > 5000 or unpacked > MAX_UNPACKED or unpacked > max(len(data) * MAX_RATIO, 10**7):
                raise WorkbookError("文件展开后过大，不能导入；请只保留需要的工作表，" + _SAVE_AS)
            if any(part.flag_bits & 1 for part in parts.values()):
                raise WorkbookError("文件有密码；请去掉密码后再上传")
            if any(name.lower().endswith("vbaproject.bin") for name in parts):
                raise WorkbookError("文件带有宏，为安全起见不能导入；请另存为不带宏的 .xlsx")
            if not any(name.lower() == "xl/workbook.xml" for name in parts):
                kind = "这是文档，" if any(name.startswith("word/") for name in parts) else "这是压缩包或别的文件，"
                raise WorkbookError(kind + _NOT_A_TABLE)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        raise WorkbookError("文件已损坏，打不开；请重新保存或重新下载后再试") from None


def _check_old_excel(data: bytes) -> None:
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise WorkbookError("文件有密码；请去掉密码后再上传")
    if holds("_VBA_PROJECT"):
        raise WorkbookError("文件带有宏，为安全起见不能导入；请另存为不带宏的 .xlsx")
    if not (holds("Workbook") or holds("Book")):
        raise WorkbookError(("这是文档，" if holds("WordDocument") else "") + _NOT_A_TABLE)


def _read_excel(data: bytes) -> list[Sheet]:
    command = [sys.executable, "-P", excel_reader.__file__, str(MAX_ROWS), str(MAX_COLUMNS), str(READER_MEMORY)]
    too_large = WorkbookError("表格内容过大，读不进来；请删去数据以外的行列和多余的工作表后再试")
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=READER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise too_large from None
    if done.returncode:
        raise too_large
    answer: Any = pickle.loads(done.stdout)  # noqa: S301 -- what our own process wrote
    if isinstance(answer, str):
        if "password" in answer.lower():
            raise WorkbookError("文件有密码；请去掉密码后再上传")
        raise WorkbookError("文件已损坏，或不是标准的表格；" + _SAVE_AS)
    if not answer:
        raise WorkbookError("文件里没有工作表")
    for name, rows, columns, _cells, _merged in answer:
        _check_size(name, rows, columns)
    return [Sheet(name, cells, merged) for name, _rows, _columns, cells, merged in answer]


def _check_size(name: str, rows: int, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise WorkbookError(f"表 {name} 有 {columns} 列，最多 {MAX_COLUMNS} 列；请删去多余的列")
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise WorkbookError(f"表 {name} 的数据多到第 {rows} 排，一次最多 {MAX_ROWS} 条；请分成几个文件")


def _read_csv(data: bytes, name: str) -> Sheet:
    text = _decoded(data).lstrip("\ufeff")
    head = text[:2000].lstrip().lower()
    if head.startswith("<") and ("<html" in head or "<table" in head or "<?xml" in head or "<!doctype" in head):
        raise WorkbookError("这是网页或 XML 格式的表格；" + _SAVE_AS)
    delimiter = max(",\t;", key=text[:4000].count)
    csv.field_size_limit(MAX_BYTES)
    rows: list[list[type_of_cell]] = []
    widest = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            widest = max(widest, len(row))
            _check_size(name, len(rows), widest)
    except csv.Error:
        raise WorkbookError("文件不是完整的 csv 表格；" + _SAVE_AS) from None
    return Sheet(name, rows)


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WorkbookError("认不出文件的编码，" + _NOT_A_TABLE)
