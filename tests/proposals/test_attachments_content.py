"""What a file is by its content: what is taken, what is refused and in which words, how names are cleaned."""

import io
import random
import zipfile

import pytest

from proposals import uploads
from proposals.uploads import DOCX, JPEG, PDF, PNG, XLSX, Content, UnacceptableFile, clean_name, examine
from tests.proposals import files


def refusal(data: bytes, size: int | None = None) -> str:
    with pytest.raises(UnacceptableFile) as caught:
        examine(io.BytesIO(data), len(data) if size is None else size)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (files.pdf(), PDF),
        (files.pdf() + b"\0" * 5000, PDF),
        (files.docx(), DOCX),
        (files.xlsx(), XLSX),
        (files.jpeg(), JPEG),
        (files.jpeg() + b"film of a moving photo", JPEG),
        (files.png(), PNG),
        (files.png(12_240, 16_320), PNG),
    ],
)
def test_taken(data: bytes, content: Content) -> None:
    stream = io.BytesIO(data)
    assert examine(stream, len(data)) == content
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的（0 字节），请检查后重新选择"),
        (b"MZ\x90\0" + b"\0" * 99, uploads.PROGRAM),
        (b"\x7fELF" + b"\0" * 99, uploads.PROGRAM),
        (b"#!/bin/sh\nrm -rf ~", uploads.PROGRAM),
        (b"#!AMR\n", uploads.VIDEO),
        (b"\0\0\0\x18ftypheic" + b"\0" * 99, uploads.HEIC),
        (b"\0\0\0\x18ftypmif1" + b"\0" * 99, uploads.HEIC),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 99, uploads.VIDEO),
        (b"RIFF\0\0\0\0WEBPVP8 ", uploads.PICTURE),
        (b"GIF89a" + b"\0" * 9, uploads.PICTURE),
        (b"Rar!\x1a\x07\0", uploads.ARCHIVE),
        (files.package({"甲.txt": "甲"}), uploads.ARCHIVE),
        (files.package({"OFD.xml": "<ofd/>", "Doc_0/Document.xml": ""}), uploads.OFD),
        (files.OLE + b"\0" * 99, uploads.OLD_OFFICE),
        (files.OLE + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"), uploads.LOCKED),
        (b"{\\rtf1 x}", "是 RTF 文件，请另存为 .docx 或者 PDF 后再上传"),
        (b"<html><script>alert(1)</script></html>", uploads.UNKNOWN),
        ("普通文本".encode(), uploads.UNKNOWN),
        (b"x", uploads.UNKNOWN),
        (files.office(folder="ppt"), uploads.SLIDES),
        (files.office(xl__workbook_xml="x"), uploads.UNKNOWN),
    ],
)
def test_other_types_are_refused_with_what_to_do(data: bytes, words: str) -> None:
    assert refusal(data) == words


def test_too_large_is_refused_by_size_without_reading() -> None:
    assert refusal(files.pdf(), size=20 * 1024 * 1024 + 1) == "超过 20 MB，请压缩或者分成几个文件后再上传"
    whole = files.pdf("x" * (20 * 1024 * 1024 - len(files.pdf(""))))
    assert len(whole) == 20 * 1024 * 1024
    assert examine(io.BytesIO(whole), len(whole)) == PDF


@pytest.mark.parametrize("whole", [files.pdf("x" * 99), files.png(), files.jpeg(), files.docx(), files.xlsx()])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_cut_off_on_the_way(whole: bytes, share: float) -> None:
    assert refusal(whole[: int(len(whole) * share)]) == uploads.CUT_OFF


@pytest.mark.parametrize(
    "data",
    [
        files.office(word__vbaProject_bin=b"\0"),
        files.office(xl__macrosheets__sheet1_xml="x", folder="xl"),
        files.office(types="application/vnd.ms-word.document.macroEnabled.main+xml"),
        files.office(types="application/vnd.ms-excel.sheet.binary.macroEnabled.main", folder="xl"),
    ],
)
def test_macros_are_refused(data: bytes) -> None:
    assert refusal(data) == uploads.MACRO


@pytest.mark.parametrize(
    "data",
    [
        files.office(word__embeddings__setup_exe=b"x"),
        files.office(word__embeddings__Sheet_xlsm=b"x"),
        files.office(word__media__image1_png=b"MZ\x90\0"),
        files.office(word__embeddings__oleObject1_bin=files.OLE + b"\0" * 500 + b"C:\\tmp\\Run.EXE\0MZ"),
        files.office(word__embeddings__old_doc=files.OLE + b"\0" * 2_000_000 + "_VBA_PROJECT".encode("utf-16-le")),
    ],
)
def test_embedded_programs_are_refused(data: bytes) -> None:
    assert refusal(data) == uploads.EMBEDS_PROGRAM


def test_embedded_formula_is_taken() -> None:
    data = files.office(word__embeddings__oleObject1_bin=files.OLE + b"\0" * 500 + b"Equation Native")
    assert examine(io.BytesIO(data), len(data)) == DOCX


def test_swelling_packages_are_refused() -> None:
    assert refusal(files.office(word__media__a_xml=b"\0" * 20_000_000)) == uploads.BLOATED
    assert refusal(files.office(**{f"word__p{n}_xml": b"" for n in range(5_000)})) == uploads.BLOATED


def test_package_that_lies_about_its_size_is_refused() -> None:
    """The list of parts says five bytes; what would unpack is twenty million."""
    data = bytearray(files.office(word__media__a_xml=b"\0" * 20_000_000))
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (5).to_bytes(4, "little")
    assert refusal(bytes(data)) == uploads.CUT_OFF


def test_parts_that_share_their_bytes_are_refused() -> None:
    noise = random.Random(1).randbytes(40_000)
    source = zipfile.ZipFile(io.BytesIO(files.office(word__a_bin=noise)))
    data = bytearray(files.office(word__a_bin=noise))
    # The same entry stands twice more in the list, under other names of the same length.
    start = data.rfind(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    entry = bytes(data[start:end])
    copies = entry.replace(b"word/a.bin", b"word/b.bin") + entry.replace(b"word/a.bin", b"word/c.bin")
    tail = bytearray(data[end:])
    count, length = len(source.infolist()) + 2, int.from_bytes(tail[12:16], "little") + len(copies)
    tail[8:10] = tail[10:12] = count.to_bytes(2, "little")
    tail[12:16] = length.to_bytes(4, "little")
    assert refusal(bytes(data[:end]) + copies + bytes(tail)) == uploads.DAMAGED


def test_encrypted_entries_are_refused() -> None:
    data = bytearray(files.docx())
    entry = data.find(b"PK\x01\x02")
    data[entry + 8] |= 1
    assert refusal(bytes(data)) == uploads.LOCKED


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (files.png(30_001, 1), uploads.TOO_MANY_PIXELS),
        (files.png(20_000, 20_000), uploads.TOO_MANY_PIXELS),
        (files.png(0, 5), uploads.DAMAGED),
        (files.jpeg(65_000, 65_000), uploads.TOO_MANY_PIXELS),
        (files.jpeg(5, 0), uploads.DAMAGED),
        (files.jpeg(end=b""), uploads.CUT_OFF),
    ],
)
def test_pictures_out_of_bounds(data: bytes, words: str) -> None:
    assert refusal(data) == words


@pytest.mark.parametrize("start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"%PDF-", files.OLE])
@pytest.mark.parametrize("rest", [b"", b"\0", b"\xff" * 50, b"\0" * 5000, bytes(range(256)) * 20])
def test_any_bytes_are_answered_in_words(start: bytes, rest: bytes) -> None:
    assert refusal(start + rest)


@pytest.mark.parametrize(
    ("given", "content", "kept"),
    [
        ("关于校车的说明.pdf", PDF, "关于校车的说明.pdf"),
        ("IMG_2031.JPEG", JPEG, "IMG_2031.jpeg"),
        ("答复函.docx", PDF, "答复函.pdf"),
        ("photo.png", JPEG, "photo.jpg"),
        ("报告.pdf.exe", PDF, "报告.pdf"),
        ("二〇二六年3.15", PDF, "二〇二六年3.15.pdf"),
        ("没有后缀", XLSX, "没有后缀.xlsx"),
        ("..\\..\\Windows\\甲.pdf", PDF, "甲.pdf"),
        ("/etc/passwd", PDF, "passwd.pdf"),
        ("../../", PDF, "附件.pdf"),
        ("..", PDF, "附件.pdf"),
        ("", PDF, "附件.pdf"),
        (".pdf", PDF, "附件.pdf"),
        ("甲\0乙\r\n丙.pdf", PDF, "甲乙 丙.pdf"),
        ("说明\u202efdp.exe", PDF, "说明fdp.pdf"),
        ("\u2067甲\u2069\ufeff.pdf", PDF, "甲.pdf"),
        ("\U00020bb7野家😀.pdf", PDF, "\U00020bb7野家😀.pdf"),
        ("坏\ud800字.pdf", PDF, "坏字.pdf"),
        ('引号"和;分号.pdf', PDF, '引号"和;分号.pdf'),
        ("长" * 300 + ".pdf", PDF, "长" * 196 + ".pdf"),
    ],
)
def test_names(given: str, content: Content, kept: str) -> None:
    assert clean_name(given, content) == kept


def test_packages_packed_in_a_rare_way_and_damaged_are_refused() -> None:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(files.docx())) as sound,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as package,
    ):
        for part in sorted(sound.namelist(), key="[Content_Types].xml".__ne__):
            package.writestr(part, sound.read(part))
    assert examine(io.BytesIO(stream.getvalue()), stream.tell()) == DOCX
    data = bytearray(stream.getvalue())
    begin = 30 + len("[Content_Types].xml")
    data[begin + 12 : begin + 24] = bytes(255 - byte for byte in data[begin + 12 : begin + 24])
    assert refusal(bytes(data)) == uploads.DAMAGED
