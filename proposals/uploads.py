"""What a file is by its content, whether the portal takes it, and what it is called. Pure: no database, no storage.

Five types are taken. A library that knows hundreds by their first bytes would still look neither for macros in a
package nor for a file that arrived in part, nor tell the clerk what to do instead.
"""

from __future__ import annotations

import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, BinaryIO

MAX_BYTES = 20 * 1024 * 1024
MAX_NAME = 200
MAX_PARTS = 5_000
MAX_UNPACKED = 200 * 1024 * 1024
# XML packs well, but no letter or table a hundredfold; below ten million bytes nothing can do harm.
MAX_RATIO, HARMLESS_UNPACKED = 100, 10_000_000
MAX_TYPES, CHUNK = 5 * 1024 * 1024, 1024 * 1024
MAX_SIDE, MAX_PIXELS = 30_000, 250_000_000

TAKEN = "可以上传 PDF、Word（.docx）、Excel（.xlsx）和照片（.jpg、.png）"


@dataclass(frozen=True)
class Content:
    """A type that the portal takes: as HTTP names it, and the endings that its files bear, the usual one first."""

    content_type: str
    endings: tuple[str, ...]


PDF = Content("application/pdf", (".pdf",))
DOCX = Content("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = Content("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
JPEG = Content("image/jpeg", (".jpg", ".jpeg"))
PNG = Content("image/png", (".png",))

# What a browser's file dialogue offers. Naming the two kinds of pictures makes phones turn HEIC into JPEG by themselves.
ACCEPT = ".pdf,.docx,.xlsx,image/jpeg,image/png"


class UnacceptableFile(Exception):
    """The portal does not take the file; the message says why and what to do, in the clerk's words."""


TOO_LARGE = f"超过 {MAX_BYTES // 1024 // 1024} MB，请压缩或者分成几个文件后再上传"
EMPTY = "是空的（0 字节），请检查后重新选择"
CUT_OFF = "不完整，可能是上传中断或者文件已损坏，请打开检查后重新上传"
DAMAGED = "已损坏，打不开，请重新保存后再上传"
MACRO = "带有宏，为安全起见不能上传；请用 WPS 或 Word、Excel 另存为不带宏的 .docx、.xlsx，或者另存为 PDF"
LOCKED = "设有打开密码，请去掉密码后再上传"
OLD_OFFICE = "是旧格式文件（.doc、.xls、.ppt、.wps 等），可能带有宏；请用 WPS 或 Word、Excel 另存为 .docx、.xlsx 或者 PDF 后再上传"
PROGRAM = f"是可执行程序，不能上传；{TAKEN}"
ARCHIVE = "是压缩包，请解压后把里面的文件分别上传"
HEIC = "是 HEIC 格式的照片，很多电脑打不开；请在苹果手机“设置—相机—格式”中选“兼容性最佳”后重拍，或者把照片另存为 JPG 后再上传"
VIDEO = "是视频或录音，不能上传；可以截取画面存为 JPG 后上传"
PICTURE = "是其他格式的图片，请另存为 JPG 或 PNG 后再上传"
OFD = "是 OFD 版式文件，请用阅读软件另存为或者打印成 PDF 后再上传"
SLIDES = "是演示文稿，请另存为 PDF 后再上传"
BLOATED = f"展开后过大（超过 {MAX_UNPACKED // 1024 // 1024} MB 或者压缩比异常），请删去多余内容或者另存为 PDF 后再上传"
EMBEDS_PROGRAM = "里嵌入了可执行程序或者带宏的文件，请删去嵌入的对象，或者另存为 PDF 后再上传"
TOO_MANY_PIXELS = "尺寸过大，请缩小图片后再上传"
UNKNOWN = f"不是可以上传的文件类型；{TAKEN}"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PNG = b"\x89PNG\r\n\x1a\n"
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"@echo")
_REFUSED = (
    ((b"ID3", b"\x1aE\xdf\xa3", b"#!AMR", b"FLV", b"OggS"), VIDEO),
    (_PROGRAMS, PROGRAM),
    ((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x05\x06"), ARCHIVE),
    ((b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"8BPS"), PICTURE),
    ((b"{\\rtf",), "是 RTF 文件，请另存为 .docx 或者 PDF 后再上传"),
)
_EXECUTABLE = r"exe|dll|scr|com|bat|cmd|js|jse|vbs|vbe|wsf|wsh|ps1|msi|jar|hta|lnk|cpl|pif|reg|apk|sys"
_MACRO_PACKAGE = r"docm|dotm|xlsm|xltm|xlam|xlsb|pptm|potm|ppam|ppsm"
_HARMFUL_PART = re.compile(rf"\.({_EXECUTABLE}|{_MACRO_PACKAGE})$", re.IGNORECASE)
# A packed object tells the path of the file that it holds, ended by a zero byte.
_HARMFUL_OBJECT = re.compile(rf"\.({_EXECUTABLE}|{_MACRO_PACKAGE})\0".encode(), re.IGNORECASE)
_VBA_STORAGE = "_VBA_PROJECT".encode("utf-16-le")


def examine(stream: BinaryIO, size: int) -> Content:
    """Return what a file of ``size`` bytes is, from its content alone; the stream is left at its beginning.

    Raises UnacceptableFile when it is none of the five types, empty, too large, cut off, damaged, locked by a
    password, carries macros or programs, or would swell when opened.
    """
    if size <= 0:
        raise UnacceptableFile(EMPTY)
    if size > MAX_BYTES:
        raise UnacceptableFile(TOO_LARGE)
    stream.seek(0)
    try:
        return _content_of(stream, size)
    finally:
        stream.seek(0)


def _content_of(stream: BinaryIO, size: int) -> Content:
    head = stream.read(16)
    if head.startswith(b"%PDF-"):
        _check_pdf(stream, size)
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        stream.seek(0)
        _check_jpeg(stream.read())
        return JPEG
    if head.startswith(_PNG):
        _check_png(stream)
        return PNG
    if head.startswith(b"PK\x03\x04"):
        return _office_package(stream, size)
    if head.startswith(_OLE):
        stream.seek(0)
        locked = "EncryptedPackage".encode("utf-16-le") in stream.read()
        raise UnacceptableFile(LOCKED if locked else OLD_OFFICE)
    raise UnacceptableFile(_words_for(head))


def _words_for(head: bytes) -> str:
    """Return why a file that begins so is not taken."""
    if head[4:8] == b"ftyp":
        return HEIC if head[8:12] in {b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1"} else VIDEO
    if head.startswith(b"RIFF"):
        return PICTURE if head[8:12] == b"WEBP" else VIDEO
    return next((words for starts, words in _REFUSED if head.startswith(starts)), UNKNOWN)


def _check_pdf(stream: BinaryIO, size: int) -> None:
    stream.seek(max(0, size - 65_536))
    # Scanners fill up with zeros; what readers ask is the mark near the end.
    if b"%%EOF" not in stream.read().rstrip(b"\0 \t\r\n")[-2048:]:
        raise UnacceptableFile(CUT_OFF)


def _check_pixels(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise UnacceptableFile(DAMAGED)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise UnacceptableFile(TOO_MANY_PIXELS)


def _check_png(stream: BinaryIO) -> None:
    stream.seek(len(_PNG))
    kind = b""
    while kind != b"IEND":
        header = stream.read(8)
        if len(header) < 8:
            raise UnacceptableFile(CUT_OFF)
        length, kind = struct.unpack(">I4s", header)
        if kind == b"IHDR":
            size = stream.read(8)
            if len(size) < 8 or length < 8:
                raise UnacceptableFile(DAMAGED)
            _check_pixels(*struct.unpack(">II", size))
            length -= 8
        stream.seek(length + 4, 1)


def _check_jpeg(data: bytes) -> None:
    at, measured = 2, False
    while True:
        if at + 4 > len(data):
            raise UnacceptableFile(CUT_OFF)
        if data[at] != 0xFF:
            raise UnacceptableFile(DAMAGED)
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        # Start of frame, whatever the coding: C4, C8 and CC mean tables.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            if at + 9 > len(data):
                raise UnacceptableFile(CUT_OFF)
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            _check_pixels(width, height)
            measured = True
        if marker == 0xDA:
            break
        if length < 2:
            raise UnacceptableFile(DAMAGED)
        at += 2 + length
    if not measured:
        raise UnacceptableFile(DAMAGED)
    # Inside the picture's data FF is always escaped, so this is the real end and not that of a preview in the header.
    if data.find(b"\xff\xd9", at) < 0:
        raise UnacceptableFile(CUT_OFF)


def _office_package(stream: BinaryIO, size: int) -> Content:
    try:
        with zipfile.ZipFile(stream) as package:
            return _content_of_package(package, size)
    except zipfile.BadZipFile as error:
        # The list of parts stands at the end: what was cut off has none.
        raise UnacceptableFile(CUT_OFF) from error
    except (
        OSError,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise UnacceptableFile(DAMAGED) from error


def _content_of_package(package: zipfile.ZipFile, size: int) -> Content:
    parts = package.infolist()
    names = [part.filename for part in parts]
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise UnacceptableFile(LOCKED)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > max(size * MAX_RATIO, HARMLESS_UNPACKED):
        raise UnacceptableFile(BLOATED)
    # Parts that share their bytes are how a small file unpacks to a huge one.
    if sum(part.compress_size for part in parts) > size or len(set(names)) < len(names):
        raise UnacceptableFile(DAMAGED)
    content = _kind_of(names)
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower() for name in names):
        raise UnacceptableFile(MACRO)
    if package.getinfo("[Content_Types].xml").file_size > MAX_TYPES:
        raise UnacceptableFile(DAMAGED)
    types = package.read("[Content_Types].xml").lower()
    if b"macroenabled" in types or b"vbaproject" in types:
        raise UnacceptableFile(MACRO)
    if any(_HARMFUL_PART.search(name) for name in names):
        raise UnacceptableFile(EMBEDS_PROGRAM)
    for part in parts:
        with package.open(part) as stream:
            _check_part(stream)
    return content


def _kind_of(names: list[str]) -> Content:
    if "OFD.xml" in names:
        raise UnacceptableFile(OFD)
    if "[Content_Types].xml" not in names:
        raise UnacceptableFile(ARCHIVE)
    folders = {name.split("/")[0] for name in names if "/" in name}
    found = [content for folder, content in (("word", DOCX), ("xl", XLSX)) if folder in folders]
    if len(found) != 1:
        raise UnacceptableFile(SLIDES if "ppt" in folders else UNKNOWN)
    return found[0]


def _check_part(stream: IO[bytes]) -> None:
    """Read a part to its end: this also shows whether it is whole, and no longer than the list of parts says."""
    first = stream.read(CHUNK)
    if first.startswith((b"MZ", b"\x7fELF")):
        raise UnacceptableFile(EMBEDS_PROGRAM)
    is_object, tail, chunk = first.startswith(_OLE), b"", first
    while chunk:
        if is_object and (_HARMFUL_OBJECT.search(tail + chunk) or _VBA_STORAGE in tail + chunk):
            raise UnacceptableFile(EMBEDS_PROGRAM)
        tail, chunk = chunk[-64:], stream.read(CHUNK)


_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
# Control, formatting (among it what turns the direction of writing), halves of characters, line and paragraph ends.
_DROPPED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean_name(name: str, content: Content) -> str:
    """Return the name under which a file is kept: without folders and hidden characters, at most 200 characters.

    Chinese names stay as they are. An ending that belies the content is replaced by the right one.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Tabs and line ends become spaces before the rest of their kind goes.
    name = "".join(c for c in re.sub(r"\s", " ", name) if unicodedata.category(c) not in _DROPPED)
    stem, ending = " ".join(name.split()), content.endings[0]
    if found := _ENDING.search(stem):
        ending = found.group().lower() if found.group().lower() in content.endings else ending
        stem = stem[: found.start()]
    while (found := _ENDING.search(stem)) and found.group().lower() in content.endings:
        stem = stem[: found.start()]
    stem = stem[: MAX_NAME - len(ending)].strip(" .") or "附件"
    return stem + ending
