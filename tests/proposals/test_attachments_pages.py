"""Files through HTTP: downloads leak to nobody, and whatever is posted is answered in words."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, RequestFactory, encode_multipart
from django.urls import reverse

from accounts.models import User
from casework.models import Event
from proposals.file_lists import files_of, shown, upload_panel
from proposals.models import Attachment, Proposal, Reply
from tests import factories as make
from tests.proposals.files import docx, jpeg, pdf, upload
from tests.proposals.test_attachments import add as put
from tests.proposals.test_attachments import add_to_task, answer
from tests.proposals.test_proposal_path import assigned, draft, registered, submitted
from tests.world import World

SECRET = "只有本案当事人可以看到的内容"
HUGE = 10**30


@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def file_url(file: Attachment, act: str = "file") -> str:
    return reverse(f"proposals:{act}", args=[file.proposal_id, file.pk])


def send(user: User, row: Proposal, files: object, **fields: object) -> HttpResponse:
    fields = {"kind": "proposal"} | fields
    answer = as_user(user).post(reverse("proposals:file-add", args=[row.pk]), {"file": files} | fields)
    assert answer.status_code == 302, answer.status_code
    return answer


def post_raw(user: User, row: Proposal, body: bytes) -> HttpResponse:
    url = reverse("proposals:file-add", args=[row.pk])
    return as_user(user).generic("POST", url, body, content_type=MULTIPART_CONTENT)


def said(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def kept(disk: Path) -> tuple[int, int]:
    return Attachment.objects.count(), sum(path.is_file() for path in disk.rglob("*"))


def body_of(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_download(world: World) -> None:
    row = submitted(world)
    file = put(row, world.staff, upload=upload("校车 说明（终稿）.pdf", pdf("内容")))
    answer = as_user(world.deputy).get(file_url(file))
    assert (answer.status_code, body_of(answer)) == (200, pdf("内容"))
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('校车 说明（终稿）.pdf')}"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert answer["Cache-Control"] == "private, no-store"
    head = as_user(world.deputy).head(file_url(file))
    assert (head.status_code, body_of(head), head["Content-Length"]) == (200, b"", str(file.size))


@pytest.mark.parametrize("kind", ["proposal", "reply", "record", "request"])
def test_files_leak_to_nobody(world: World, kind: str) -> None:
    """Units without the task, other deputies, other counties: not found, and not a word of the content."""
    row = assigned(world, disclosure="title")
    data = pdf(SECRET)
    if kind == "proposal":
        file = put(row, world.staff, upload=upload("附件.pdf", data))
    else:
        file = add_to_task(row, world.unit_user, kind=kind, upload=upload("附件.pdf", data))
        answer(world, row)
    transport_user = make.UserFactory(role="unit", role__congress=world.congress, role__unit=world.transport)
    foreign_unit = make.UserFactory(role="unit", role__congress=world.foreign_congress, role__unit=world.foreign_unit)
    hatless = make.UserFactory()
    for user in [world.other_deputy, transport_user, world.stranger, foreign_unit, hatless]:
        reply = as_user(user).get(file_url(file))
        assert (reply.status_code, SECRET in body_of(reply).decode()) == (404, False), user
        assert as_user(user).post(file_url(file, "file-remove")).status_code == 404
        assert as_user(user).post(reverse("proposals:file-add", args=[row.pk]), {}).status_code == 404
    askers = [world.staff, world.unit_user]
    for user in askers if kind == "request" else [*askers, world.deputy, world.police_user]:
        assert body_of(as_user(user).get(file_url(file))) == data, user
    assert Client().get(file_url(file)).status_code == 302
    assert Attachment.objects.count() == 1


def test_other_deputies_of_a_public_case_read_no_records(world: World) -> None:
    row = assigned(world, disclosure="full")
    client = as_user(world.other_deputy)
    assert client.get(reverse("proposals:case", args=[row.pk])).status_code == 200
    for kind, status in [("record", 404), ("request", 404), ("reply", 404)]:
        file = add_to_task(row, world.unit_user, kind=kind, upload=upload(f"{kind}.pdf", pdf(SECRET)))
        reply = client.get(file_url(file))
        assert (reply.status_code, SECRET in body_of(reply).decode()) == (status, False), kind
        gone = client.post(file_url(file, "file-remove"))
        assert said(gone) == ["这个附件已经不在了，可能刚刚被删除。"]
    answer(world, row)
    assert client.get(file_url(file)).status_code == 404
    Reply.objects.update(disclosure="full")
    assert body_of(client.get(file_url(file))) == pdf(SECRET)
    assert Attachment.objects.count() == 3


def test_a_file_of_another_proposal_is_not_found_under_this_one(world: World) -> None:
    mine, other = submitted(world), registered(world, title="另一件")
    file = put(other, world.staff)
    client = as_user(world.staff)
    assert client.get(reverse("proposals:file", args=[mine.pk, file.pk])).status_code == 404
    client.post(reverse("proposals:file-remove", args=[mine.pk, file.pk]))
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("number", [0, HUGE, 2**63])
def test_numbers_out_of_range_are_not_found(world: World, number: int) -> None:
    row, client = submitted(world), as_user(world.staff)
    assert client.get(f"/proposals/{row.pk}/files/{number}/").status_code == 404
    assert client.get(f"/proposals/{number}/files/1/").status_code == 404
    assert client.post(f"/proposals/{number}/files/add/").status_code == 404
    assert client.post(f"/proposals/{row.pk}/files/{number}/remove/").status_code == 302


def test_a_file_that_is_gone_from_disk_is_answered_in_words(world: World, disk: Path) -> None:
    row = submitted(world)
    file = put(row, world.staff)
    Path(file.file.path).unlink()
    reply = as_user(world.deputy).get(file_url(file))
    assert reply.status_code == 404
    assert "附件「说明.pdf」有登记，但服务器上找不到这个文件" in reply.content.decode()


def test_several_files_some_refused(world: World, disk: Path) -> None:
    row = draft(world)
    photo = SimpleUploadedFile("现场.HEIC", jpeg())
    files = [upload("甲.pdf"), photo, upload("空.pdf", b""), upload("宏.docm", b"MZ"), upload("又空.pdf", b"")]
    reply = send(world.deputy, row, files, back="edit")
    assert reply.url == f"/proposals/{row.pk}/edit/#files"
    assert said(reply) == [
        "已上传 2 个文件：「甲.pdf」、「现场.jpg」。",
        "没有保存「空.pdf」、「又空.pdf」：是空的（0 字节），请检查后重新选择。",
        "没有保存「宏.docm」：是可执行程序，不能上传；可以上传 PDF、Word（.docx）、Excel（.xlsx）和照片（.jpg、.png）。",
    ]
    assert kept(disk) == (2, 2)
    again = send(world.deputy, row, upload("甲.pdf"))
    assert again.url == f"/proposals/{row.pk}/#files"
    assert said(again) == ["「甲.pdf」已经上传过，没有重复保存。"]
    assert kept(disk) == (2, 2)


def test_a_unit_adds_to_its_own_task(world: World, disk: Path) -> None:
    row = assigned(world)
    assert said(send(world.unit_user, row, upload("函.pdf"), kind="reply")) == ["已上传 1 个文件：「函.pdf」。"]
    file = Attachment.objects.get()
    assert (file.kind, file.assignment.unit) == ("reply", world.education)
    refused = send(world.staff, row, upload("函2.pdf"), kind="reply")
    assert said(refused) == ["没有保存「函2.pdf」：本单位现在没有承办本件，不能上传或者删除办理文件。"]
    assert kept(disk) == (1, 1)


def test_removing_and_removing_again(world: World, django_capture_on_commit_callbacks: object, disk: Path) -> None:
    row = draft(world)
    file = put(row, world.deputy)
    client = as_user(world.deputy)
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(file_url(file, "file-remove"), {"back": "edit"})
    assert (first.url, said(first)) == (f"/proposals/{row.pk}/edit/#files", ["已删除附件「说明.pdf」。"])
    again = as_user(world.deputy).post(file_url(file, "file-remove"))
    assert (again.url, said(again)) == (
        f"/proposals/{row.pk}/#files",
        ["这个附件已经不在了，可能刚刚被删除。"],
    )
    assert kept(disk) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "没有收到完整的文件"),
        ({"kind": "proposal"}, "请先选择要上传的文件。"),
        ({"kind": "proposal", "file": "不是文件而是文字"}, "请先选择要上传的文件。"),
        ({"kind": "proposal", "file": ["文字", "文字"]}, "请先选择要上传的文件。"),
        ({"file": "x"}, "没有收到完整的文件"),
        ({"kind": "乱写"}, "没有收到完整的文件"),
        ({"kind": "x" * 10_000}, "没有收到完整的文件"),
        ({"kind": "proposal\0"}, "没有收到完整的文件"),
        ({"kind": ["reply", "proposal"]}, "请先选择要上传的文件。"),
        ({"kind": "proposal", "back": "//evil.example/"}, "请先选择要上传的文件。"),
    ],
)
def test_wrong_fields(world: World, disk: Path, fields: dict, words: str) -> None:
    row, events = draft(world), Event.objects.count()
    reply = as_user(world.deputy).post(reverse("proposals:file-add", args=[row.pk]), fields)
    assert (reply.status_code, reply.url) == (302, f"/proposals/{row.pk}/#files")
    assert words in said(reply)[0]
    assert (kept(disk), Event.objects.count()) == ((0, 0), events)


def test_posted_as_something_else(world: World, disk: Path) -> None:
    row, client = draft(world), as_user(world.deputy)
    url = reverse("proposals:file-add", args=[row.pk])
    reply = client.post(url, json.dumps({"kind": "proposal"}), content_type="application/json")
    assert said(reply) == ["没有收到完整的文件，可能是网络中断。没有保存任何文件，请重新选择后再上传。"]
    assert client.post(url, b"garbage", content_type="multipart/form-data").status_code == 400
    assert client.get(url).status_code == 405
    assert kept(disk) == (0, 0)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_an_upload_that_breaks_off_keeps_nothing(world: World, disk: Path, share: float) -> None:
    """The form sends the files first and what they are last: without its end nothing counts as received."""
    row = draft(world)
    whole = encode_multipart(BOUNDARY, {"file": upload("大.jpg", jpeg() + b"\0" * 9000), "kind": "proposal"})
    part = whole[: int(len(whole) * share)]
    reply = post_raw(world.deputy, row, part)
    assert said(reply) == ["没有收到完整的文件，可能是网络中断。没有保存任何文件，请重新选择后再上传。"]
    assert kept(disk) == (0, 0)


@pytest.mark.parametrize(
    ("name", "kept_name"),
    [
        ("甲\0乙.pdf", "甲乙.pdf"),
        ("说明\u202efdp.exe", "说明fdp.pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
        ("../../etc/甲.pdf", "甲.pdf"),
        ("C:\\桌面\\甲.pdf", "甲.pdf"),
        ("'; drop table--.pdf", "'; drop table--.pdf"),
        ("<script>alert(1)</script>.pdf", "script>.pdf"),
    ],
)
def test_strange_names(world: World, disk: Path, name: str, kept_name: str) -> None:
    row = draft(world)
    raw = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="'.encode()
        + name.encode()
        + b'"\r\nContent-Type: application/pdf\r\n\r\n'
        + pdf("x")
        + f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nproposal\r\n--{BOUNDARY}--\r\n'.encode()
    )
    post_raw(world.deputy, row, raw)
    file = Attachment.objects.get()
    assert (len(file.name) <= 200, file.name) == (True, kept_name)
    assert body_of(as_user(world.deputy).get(file_url(file))) == pdf("x")


def test_twenty_megabytes_and_more(world: World, disk: Path) -> None:
    row = draft(world)
    large = upload("大.pdf", b"%PDF-1.7\n" + b"x" * (25 * 1024 * 1024) + b"\n%%EOF")
    assert said(send(world.deputy, row, [large, upload("小.pdf")])) == [
        "已上传 1 个文件：「小.pdf」。",
        "没有保存「大.pdf」：超过 20 MB，请压缩或者分成几个文件后再上传。",
    ]
    middle = upload("中.pdf", b"%PDF-1.7\n" + b"x" * (3 * 1024 * 1024) + b"\n%%EOF")
    send(world.deputy, row, middle)
    assert kept(disk) == (2, 2)
    assert [file.size for file in Attachment.objects.all()] == [len(pdf("小.pdf")), 3 * 1024 * 1024 + 15]


def test_more_files_than_a_request_may_hold(world: World, disk: Path) -> None:
    row = draft(world)
    reply = as_user(world.deputy).post(
        reverse("proposals:file-add", args=[row.pk]),
        {"file": [upload(f"{n}.pdf") for n in range(101)], "kind": "proposal"},
    )
    assert (reply.status_code, "提交的内容无法识别" in reply.content.decode()) == (400, True)
    assert kept(disk) == (0, 0)


def test_the_panel_shows_what_may_be_done(world: World) -> None:
    row = draft(world)
    put(row, world.deputy, upload=upload("甲<b>.docx", docx()))
    request = RequestFactory().get("/")
    row = Proposal.objects.select_related("step", "lead__person").get(pk=row.pk)
    panel = upload_panel(world.deputy, row, files_of(world.deputy, row), back="edit")
    text = render_to_string("partials/upload.html", {"upload": panel}, request)
    assert re.findall(r"甲[^ ]*?\.docx", text)[0] == "甲&lt;b&gt;.docx"
    assert "还可以上传 9 个" in text
    assert text.index('type="file"') < text.index('name="kind"')
    assert "capture" not in text
    assert text.count("<form") == 2
    assert " style=" not in text


def test_panels_by_role(world: World) -> None:
    row = assigned(world)
    put(row, world.staff, upload=upload("扫描.pdf"))
    add_to_task(row, world.unit_user, kind="reply", upload=upload("函.pdf"))
    row = Proposal.objects.select_related("step", "lead__person").get(pk=row.pk)

    def panel(user: User) -> object:
        found = upload_panel(user, row, files_of(user, row), back="case")
        return found and ([f["name"] for f in found["files"]], [k["value"] for k in found["kinds"]], found["left"])

    assert panel(world.staff) == (["扫描.pdf"], ["proposal"], 9)
    assert panel(world.unit_user) == (["函.pdf"], ["reply", "record", "request"], 9)
    assert panel(world.police_user) == ([], ["reply", "record", "request"], 10)
    for user in [world.deputy, world.leader, world.gov_office, world.township_user]:
        assert panel(user) is None
    files = files_of(world.unit_user, row)
    assert [f["name"] for f in shown(files)] == ["扫描.pdf"]
    task = Attachment.objects.get(kind="reply").assignment_id
    assert [(f["name"], f["kind_label"]) for f in shown(files, assignment_id=task)] == [("函.pdf", "答复函")]


def test_reading_files_takes_as_many_queries_for_nine_as_for_one(
    world: World, django_assert_num_queries: object
) -> None:
    row = assigned(world)
    for n in range(9):
        add_to_task(row, world.unit_user, upload=upload(f"{n}.pdf"))
        row = Proposal.objects.select_related("step", "lead__person").get(pk=row.pk)
        if n in {0, 8}:
            assert world.unit_user.hat
            with django_assert_num_queries(2):
                upload_panel(world.unit_user, row, files_of(world.unit_user, row), back="case")
