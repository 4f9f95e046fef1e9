"""Small files of every type that the portal takes or refuses, made byte by byte."""

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from openpyxl import Workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def pdf(text: str = "x") -> bytes:
    return b"%PDF-1.7\n" + text.encode() + b"\n%%EOF\n"


def png(width: int = 2, height: int = 2, text: str = "") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"tEXt", text.encode()) + chunk(b"IDAT", zlib.compress(b"\0" * 6))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def jpeg(width: int = 4, height: int = 3, *, end: bytes = b"\xff\xd9") -> bytes:
    # The header holds a whole picture in small, as phones write it: its end is not the end of the file.
    preview = b"\xff\xe1" + struct.pack(">H", 2 + 8) + b"Exif\0\0\xff\xd9"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00"
    return b"\xff\xd8" + preview + frame + scan + b"\x12\xff\x00\x34" + end


def docx(text: str = "正文") -> bytes:
    out, document = io.BytesIO(), Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    out, book = io.BytesIO(), Workbook()
    book.active.append(["编号", "标题"])
    book.save(out)
    return out.getvalue()


def package(parts: dict[str, bytes | str]) -> bytes:
    """A zip file of the given parts, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()


def office(*, folder: str = "word", types: str = "<Types/>", **parts: bytes | str) -> bytes:
    """An office package with further parts; in their names two underscores stand for a slash, one for a dot."""
    extra = {name.replace("__", "/").replace("_", "."): data for name, data in parts.items()}
    return package({"[Content_Types].xml": types, f"{folder}/document.xml": "<d/>"} | extra)


def upload(name: str = "说明.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf(name) if data is None else data)
