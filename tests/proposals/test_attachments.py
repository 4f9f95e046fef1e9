"""Adding and removing files by service: who may, the limit, what is written, and nothing on refusal."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import DatabaseError

from accounts.models import User
from casework.models import Event
from proposals.models import (
    Assignment,
    Attachment,
    Proposal,
    Reply,
    ReturnRequest,
)
from proposals.services import attaching
from proposals.services.attaching import UnableToAttach, attach, attach_many, detach, task_of
from tests import factories as make
from tests.factories import at
from tests.proposals.files import docx, pdf, upload
from tests.proposals.test_proposal_path import assigned, draft, registered, submitted
from tests.world import World

NOW = at(2026, 3, 5)


@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file()]


def add(row: Proposal, user: User, **fields: object) -> Attachment:
    fields = {"upload": upload(), "kind": "proposal", "now": NOW} | fields
    return attach(proposal_id=row.pk, user=user, **fields)


def add_to_task(row: Proposal, user: User, kind: str = "reply", **fields: object) -> Attachment:
    return add(row, user, kind=kind, assignment=task_of(user=user, proposal_id=row.pk), **fields)


def refusal(disk: Path, act: Callable[[], object]) -> str:
    """Say in which words an act is refused, and see that it left everything as it was."""
    before = (Attachment.objects.count(), Event.objects.count(), len(stored(disk)))
    with pytest.raises(UnableToAttach) as caught:
        act()
    assert (Attachment.objects.count(), Event.objects.count(), len(stored(disk))) == before
    return str(caught.value)


def answer(world: World, row: Proposal) -> Reply:
    """A reply that is not public."""
    task = Assignment.objects.get(round__proposal=row, unit=world.education)
    return Reply.objects.create(assignment=task, unit=world.education, replied_on=NOW.date(), recorded_at=NOW)


def test_a_file_is_kept_with_what_it_is(world: World, disk: Path) -> None:
    row = submitted(world)
    data = docx("校车")
    file = add(row, world.staff, upload=upload("扫描件.pdf", data))
    kept = Attachment.objects.get()
    assert (kept.pk, kept.name, kept.size, kept.kind, kept.uploaded_by) == (
        file.pk,
        "扫描件.docx",
        len(data),
        "proposal",
        world.staff,
    )
    assert kept.content_type == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert [path.read_bytes() for path in stored(disk)] == [data]
    assert "扫描件" not in str(stored(disk)[0])
    assert stored(disk)[0].stat().st_mode & 0o777 == 0o600


def test_history_tells_and_open_forms_stay_valid(world: World, disk: Path) -> None:
    row = submitted(world)
    file = add(row, world.staff)
    detach(attachment_id=file.pk, user=world.staff, now=NOW)
    lines = Event.objects.filter(case=row, verb__in=["attach", "detach"]).order_by("pk")
    assert [line.sentence for line in lines] == [
        "张志强（代表工委）上传建议议案附件「说明.pdf」",
        "张志强（代表工委）删除建议议案附件「说明.pdf」",
    ]
    assert Proposal.objects.get(pk=row.pk).version == row.version


def test_what_is_tried_in_a_draft_leaves_no_line(world: World, disk: Path) -> None:
    row = draft(world)
    file = add(row, world.deputy)
    detach(attachment_id=file.pk, user=world.deputy, now=NOW)
    assert not Event.objects.exists()


def test_removing_takes_the_file_from_disk_once_certain(
    world: World, disk: Path, django_capture_on_commit_callbacks: Callable
) -> None:
    row = draft(world)
    file = add(row, world.deputy)
    with django_capture_on_commit_callbacks(execute=False):
        detach(attachment_id=file.pk, user=world.deputy, now=NOW)
    assert len(stored(disk)) == 1
    other = add(row, world.deputy, upload=upload("另一份.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        detach(attachment_id=other.pk, user=world.deputy, now=NOW)
    assert (Attachment.objects.count(), len(stored(disk))) == (0, 1)


def test_the_same_content_again_is_one_row(world: World, disk: Path) -> None:
    row = draft(world)
    first = add(row, world.deputy, upload=upload("甲.pdf", pdf("一")))
    again = add(row, world.deputy, upload=upload("乙.pdf", pdf("一")))
    assert (first.pk, Attachment.objects.count(), len(stored(disk))) == (again.pk, 1, 1)


def test_the_same_content_again_brings_a_lost_file_back(world: World, disk: Path) -> None:
    row = draft(world)
    first = add(row, world.deputy, upload=upload("甲.pdf", pdf("一")))
    stored(disk)[0].unlink()
    add(row, world.deputy, upload=upload("甲.pdf", pdf("一")))
    first.refresh_from_db()
    assert Path(first.file.path).read_bytes() == pdf("一")
    assert (Attachment.objects.count(), len(stored(disk))) == (1, 1)


def test_ten_files_and_no_more(world: World, disk: Path) -> None:
    row = draft(world)
    result = attach_many(
        proposal_id=row.pk,
        user=world.deputy,
        now=NOW,
        uploads=[upload(f"{n}.pdf") for n in range(12)] + [upload("0.pdf"), upload("空.pdf", b"")],
        kind="proposal",
    )
    assert [file.name for file in result.added] == [f"{n}.pdf" for n in range(10)]
    assert [file.name for file in result.known] == ["0.pdf"]
    assert result.refused == {
        "附件最多 10 个；请先删除不需要的，或者把几个文件合并成一个。": ["10.pdf", "11.pdf"],
        "是空的（0 字节），请检查后重新选择。": ["空.pdf"],
    }
    assert (Attachment.objects.count(), len(stored(disk))) == (10, 10)


def test_the_limit_counts_a_units_files_apart(world: World, disk: Path) -> None:
    row = assigned(world)
    for n in range(10):
        add_to_task(row, world.unit_user, kind=["reply", "record", "request"][n % 3], upload=upload(f"{n}.pdf"))
    assert refusal(disk, lambda: add_to_task(row, world.unit_user)) == attaching.FULL
    add_to_task(row, world.police_user)
    add(row, world.staff)
    assert Attachment.objects.count() == 12


@pytest.mark.parametrize(
    ("who", "make_row", "words"),
    [
        ("deputy", submitted, attaching.HANDED_IN),
        ("other_deputy", registered, attaching.NOT_YOURS),
        ("leader", submitted, attaching.NOT_YOURS),
        ("township_user", submitted, attaching.NOT_YOURS),
        ("gov_office", assigned, attaching.NOT_YOURS),
        ("unit_user", assigned, attaching.NOT_YOURS),
    ],
)
def test_who_may_not_add_to_the_proposal(
    world: World, disk: Path, who: str, make_row: Callable[[World], Proposal], words: str
) -> None:
    row = make_row(world)
    assert refusal(disk, lambda: add(row, getattr(world, who))) == words


def test_who_does_not_see_the_proposal_finds_nothing(world: World, disk: Path) -> None:
    hidden = draft(world)
    for user in [world.staff, world.other_deputy, world.stranger, world.unit_user]:
        with pytest.raises(Proposal.DoesNotExist):
            add(hidden, user)
    assert stored(disk) == []


def test_only_the_unit_that_has_the_task_adds_to_it(world: World, disk: Path) -> None:
    row = assigned(world)
    task = task_of(user=world.unit_user, proposal_id=row.pk)
    for user in [world.police_user, world.staff, world.deputy, world.leader]:
        for kind in ["reply", "record", "request"]:
            words = refusal(disk, lambda user=user, kind=kind: add(row, user, kind=kind, assignment=task))
            assert words == attaching.NO_TASK
    assert refusal(disk, lambda: add(row, world.unit_user, kind="reply")) == attaching.NO_TASK
    assert refusal(disk, lambda: add(row, world.staff, assignment=task)) == attaching.NO_TASK
    task.ended_at, task.ended_as = NOW, "returned"
    task.save()
    words = refusal(disk, lambda: add(row, world.unit_user, kind="request", assignment=task))
    assert words == attaching.NO_TASK


def test_an_earlier_round_is_over(world: World, disk: Path) -> None:
    row = assigned(world)
    first = task_of(user=world.unit_user, proposal_id=row.pk)
    row.rounds.create(number=2, opened_at=NOW)
    words = refusal(disk, lambda: add(row, world.unit_user, kind="reply", assignment=first))
    assert words == attaching.NO_TASK


def test_a_closed_proposal_takes_nothing(world: World, disk: Path) -> None:
    row = assigned(world)
    mine, task = add(row, world.staff), add_to_task(row, world.unit_user)
    Proposal.objects.filter(pk=row.pk).update(status="closed", step=None, closed_at=NOW, closed_as="rated")
    assert refusal(disk, lambda: add(row, world.staff)) == attaching.CLOSED
    assert refusal(disk, lambda: add_to_task(row, world.unit_user)) == attaching.CLOSED
    assert refusal(disk, lambda: detach(attachment_id=mine.pk, user=world.staff, now=NOW)) == attaching.CLOSED
    assert refusal(disk, lambda: detach(attachment_id=task.pk, user=world.unit_user, now=NOW)) == attaching.CLOSED


def test_each_side_takes_back_its_own(world: World, disk: Path) -> None:
    row = draft(world)
    by_deputy = add(row, world.deputy)
    Proposal.objects.filter(pk=row.pk).update(status="open", submitted_on=NOW.date())
    by_staff = add(row, world.staff, upload=upload("扫描.pdf"))
    assert refusal(disk, lambda: detach(attachment_id=by_deputy.pk, user=world.staff, now=NOW)) == (
        "代表上传的附件由代表自己删除。"
    )
    assert refusal(disk, lambda: detach(attachment_id=by_staff.pk, user=world.deputy, now=NOW)) == (
        "代表工委上传的附件由代表工委删除。"
    )
    detach(attachment_id=by_deputy.pk, user=world.deputy, now=NOW)
    detach(attachment_id=by_staff.pk, user=world.staff, now=NOW)
    assert not Attachment.objects.exists()


def test_another_units_file_stays(world: World, disk: Path) -> None:
    row = assigned(world)
    file = add_to_task(row, world.unit_user, kind="record")
    for user in [world.police_user, world.staff, world.deputy]:
        words = refusal(disk, lambda user=user: detach(attachment_id=file.pk, user=user, now=NOW))
        assert words == attaching.NO_TASK


def test_what_went_out_stays(world: World, disk: Path) -> None:
    row = assigned(world)
    reply, request = add_to_task(row, world.unit_user), add_to_task(row, world.unit_user, kind="request")
    sent = "文件已随答复、协办意见或者申请送出，不能删除；有误的，请另外上传正确的文件。"
    detach(attachment_id=add_to_task(row, world.unit_user, kind="record").pk, user=world.unit_user, now=NOW)
    answer(world, row)
    assert refusal(disk, lambda: detach(attachment_id=reply.pk, user=world.unit_user, now=NOW)) == sent
    ReturnRequest.objects.create(
        assignment=reply.assignment, reason="不属本局", requested_at=NOW, requested_by=world.unit_user
    )
    assert refusal(disk, lambda: detach(attachment_id=request.pk, user=world.unit_user, now=NOW)) == sent
    late = add_to_task(row, world.unit_user, kind="request", upload=upload("补充.pdf"), now=NOW + dt.timedelta(hours=1))
    detach(attachment_id=late.pk, user=world.unit_user, now=NOW)


def test_nothing_stays_on_disk_when_the_row_fails(world: World, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of history comes after the file: a name that the database cannot hold stands for any failure there."""
    row = submitted(world)
    monkeypatch.setattr(attaching, "clean_name", lambda name, _: "长" * 201)
    with pytest.raises(DatabaseError):
        add(row, world.staff)
    assert stored(disk) == []


def test_a_disk_that_takes_nothing_is_told_in_words(world: World, disk: Path, settings: LazySettings) -> None:
    row = submitted(world)
    blocked = disk / "full"
    blocked.write_text("a file where a folder should be")
    settings.MEDIA_ROOT = blocked
    assert refusal(disk, lambda: add(row, world.staff)) == attaching.NO_ROOM


def test_readers(world: World, disk: Path) -> None:
    """Each kind of file, before and after the reply, for every role; what is not theirs exists and could leak."""
    row = assigned(world, disclosure="full")
    signer = make.UserFactory(role="deputy", role__congress=world.congress)
    asked = make.UserFactory(role="deputy", role__congress=world.congress)
    for user, state in [(signer, "accepted"), (asked, "invited")]:
        seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__user=user)
        row.cosignatures.create(seat=seat, state=state)
    add(row, world.staff)
    for kind in ["reply", "record", "request"]:
        add_to_task(row, world.unit_user, kind=kind)

    def kinds(user: User) -> set[str]:
        return set(Attachment.objects.visible_to(user).values_list("kind", flat=True))

    inner, supervising = {"proposal", "record"}, {"proposal", "record", "request"}
    people = {
        "staff": supervising,
        "leader": supervising,
        "gov_office": supervising,
        "township_user": inner,
        "police_user": inner,
        "deputy": inner,
        "unit_user": supervising | {"reply"},
        "other_deputy": {"proposal"},
        "stranger": set(),
    }
    assert {name: kinds(getattr(world, name)) for name in people} == people
    assert (kinds(signer), kinds(asked)) == (inner, {"proposal"})
    given = answer(world, row)
    after = {name: seen and seen | {"reply"} for name, seen in people.items()}
    after["other_deputy"] = {"proposal"}
    for disclosure in ["none", "summary"]:
        Reply.objects.filter(pk=given.pk).update(disclosure=disclosure)
        assert {name: kinds(getattr(world, name)) for name in people} == after
        assert (kinds(signer), kinds(asked)) == (inner | {"reply"}, {"proposal"})
    Reply.objects.filter(pk=given.pk).update(disclosure="full")
    after["other_deputy"] = {"proposal", "reply"}
    assert {name: kinds(getattr(world, name)) for name in people} == after
    assert (kinds(signer), kinds(asked)) == (inner | {"reply"}, {"proposal", "reply"})


def test_an_assisting_units_opinion_is_for_offices_and_units(world: World, disk: Path) -> None:
    row = assigned(world)
    file = add_to_task(row, world.police_user)

    def readers() -> list[str]:
        names = ["staff", "unit_user", "police_user", "deputy", "other_deputy", "stranger"]
        return [name for name in names if Attachment.objects.visible_to(getattr(world, name)).exists()]

    assert readers() == ["police_user"]
    file.assignment.opinions.create(body="同意", given_at=NOW, given_by=world.police_user)
    assert readers() == ["staff", "unit_user", "police_user"]
