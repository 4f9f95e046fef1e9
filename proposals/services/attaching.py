"""Adding and removing files. The row, the file on disk and the line of history come together or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role
from casework import services as casework
from casework.models import CaseStatus, Stage
from casework.services import UnableToAct
from proposals.models import (
    Assignment,
    AssistOpinion,
    Attachment,
    AttachmentKind,
    Commitment,
    CommitmentState,
    ExtensionRequest,
    HandlingRound,
    Proposal,
    Reply,
    ReturnRequest,
)
from proposals.uploads import UnacceptableFile, clean_name, examine

if TYPE_CHECKING:
    from django.core.files import File
    from django.db.models import QuerySet

    from accounts.models import User
    from casework.models import Case

MAX_FILES = 10
CLOSED = "本件已办结，不能再上传或者删除附件。"
HANDED_IN = "本件已经提交，代表不能再自行增减附件；需要补充的，请与代表工委联系。"
NOT_YOURS = "本件的附件由领衔代表和代表工委上传。"
NO_TASK = "本单位现在没有承办本件，不能上传或者删除办理文件。"
FULL = f"附件最多 {MAX_FILES} 个；请先删除不需要的，或者把几个文件合并成一个。"
EVIDENCE_HERE = "落实佐证请在“报告承诺落实”的页面上传。"
SENT = "文件已随答复、协办意见或者申请送出，不能删除；有误的，请另外上传正确的文件。"
NO_ROOM = "服务器现在无法保存文件（磁盘已满或者不可写），请稍后再试；仍然不行的，请联系系统管理员。"

logger = logging.getLogger(__name__)


class UnableToAttach(UnableToAct):
    """The file cannot be added or removed; the message says why and what to do."""


@dataclass
class Attached:
    """What became of several files: new rows, rows that were there already, and by reason the names of those refused."""

    added: list[Attachment] = field(default_factory=list)
    known: list[Attachment] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)


def task_of(*, user: User, proposal_id: int) -> Assignment | None:
    """Return what the user's unit has to do in the round in progress, or None. One query, for units only."""
    if not user.has_role(Role.UNIT):
        return None
    later = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    rows = Assignment.objects.in_force().filter(~Exists(later), round__proposal_id=proposal_id)
    return rows.filter(unit_id=user.hat.unit_id).first()


def why_not_attach(
    *, user: User, proposal: Proposal, kind: str, task: Assignment | None, commitment: Commitment | None = None
) -> str:
    """Return why the user may not add or remove files of a kind, empty if he may.

    ``task`` is that of the user's unit (see ``task_of``); the proposal has its step and lead loaded. Evidence belongs
    to a ``commitment`` that the unit still has to keep, whatever became of the proposal.
    """
    if kind == AttachmentKind.EVIDENCE:
        is_own = commitment is not None and user.has_role(Role.UNIT) and commitment.unit_id == user.hat.unit_id
        return "" if is_own and commitment.state == CommitmentState.OPEN else EVIDENCE_HERE
    if proposal.status == CaseStatus.CLOSED:
        return CLOSED
    if kind != AttachmentKind.PROPOSAL:
        return "" if task is not None else NO_TASK
    if user.has_role(Role.DEPUTY) and proposal.lead.person.user_id == user.pk:
        return "" if proposal.step.stage == Stage.SUBMIT else HANDED_IN
    if user.has_role(Role.STAFF) and user.hat.congress_id == proposal.congress_id:
        return "" if proposal.status == CaseStatus.OPEN else NOT_YOURS
    return NOT_YOURS


def with_fate(rows: QuerySet[Attachment]) -> QuerySet[Attachment]:
    """Add to each row whether it went out with a reply, an opinion or a request (``is_sent``)."""
    mine = {"assignment": OuterRef("assignment")}
    asked_since = mine | {"requested_at__gte": OuterRef("uploaded_at")}
    answered = Exists(Reply.objects.filter(**mine)) | Exists(AssistOpinion.objects.filter(**mine))
    asked = Exists(ReturnRequest.objects.filter(**asked_since)) | Exists(ExtensionRequest.objects.filter(**asked_since))
    return rows.annotate(
        is_sent=(Q(kind=AttachmentKind.REPLY) & Q(answered)) | (Q(kind=AttachmentKind.REQUEST) & Q(asked))
    )


def why_not_detach(*, user: User, proposal: Proposal, row: Attachment, task: Assignment | None) -> str:
    """Return why the user may not remove a file (from ``with_fate``), empty if he may.

    Deputy and staff each take back what they added themselves; what a unit sent with a reply or request stays.
    """
    if row.kind == AttachmentKind.EVIDENCE:
        return "落实佐证已随报告送出，不能删除；有误的，请在下次报告时另外上传。"
    if row.kind != AttachmentKind.PROPOSAL and (task is None or row.assignment_id != task.pk):
        return CLOSED if proposal.status == CaseStatus.CLOSED else NO_TASK
    if reason := why_not_attach(user=user, proposal=proposal, kind=row.kind, task=task):
        return reason
    if row.is_sent:
        return SENT
    by_deputy = row.uploaded_by_id == proposal.lead.person.user_id
    if row.kind == AttachmentKind.PROPOSAL and by_deputy != user.has_role(Role.DEPUTY):
        return "代表上传的附件由代表自己删除。" if by_deputy else "代表工委上传的附件由代表工委删除。"
    return ""


def attach(
    *,
    proposal_id: int,
    user: User,
    now: dt.datetime,
    upload: File,
    kind: str,
    assignment: Assignment | None = None,
) -> Attachment:
    """Add one file to a proposal, or to the task of the user's unit; the same content again gives the row there is.

    An open form does not become stale by it. It is a transaction of its own, never part of another: only so is it
    known when the file on disk has to go again.
    Raises Proposal.DoesNotExist when the user may not see the proposal, UnableToAttach when he may not add to it now,
    ten files are there already, the file is not acceptable (see ``uploads.examine``), or the disk does not take it.
    """
    row, _ = _attach(proposal_id, user=user, now=now, upload=upload, kind=kind, assignment=assignment)
    return row


def attach_many(
    *,
    proposal_id: int,
    user: User,
    now: dt.datetime,
    uploads: Iterable[File],
    kind: str,
    assignment: Assignment | None = None,
    commitment: Commitment | None = None,
) -> Attached:
    """Add several files, each for itself: one that is refused does not hold up the others.

    Raises Proposal.DoesNotExist when the user may not see the proposal.
    """
    result = Attached()
    for upload in uploads:
        try:
            row, is_new = _attach(
                proposal_id, user=user, now=now, upload=upload, kind=kind, assignment=assignment, commitment=commitment
            )
        except UnableToAttach as error:
            result.refused.setdefault(str(error), []).append(upload.name or "")
        else:
            (result.added if is_new else result.known).append(row)
    return result


def _attach(
    proposal_id: int,
    *,
    user: User,
    now: dt.datetime,
    upload: File,
    kind: str,
    assignment: Assignment | None,
    commitment: Commitment | None = None,
) -> tuple[Attachment, bool]:
    """Return the row and whether it is new."""
    if not Proposal.objects.visible_to(user).filter(pk=proposal_id).exists():
        raise Proposal.DoesNotExist
    try:
        content = examine(upload, upload.size)
    except UnacceptableFile as error:
        raise UnableToAttach(f"{error}。") from error
    row = Attachment(
        proposal_id=proposal_id,
        assignment=assignment,
        commitment=commitment,
        kind=AttachmentKind(kind),
        name=clean_name(upload.name or "", content),
        content_type=content.content_type,
        size=upload.size,
        sha256=_digest(upload),
        uploaded_at=now,
        uploaded_by=user,
    )
    row.file = row.file.field.generate_filename(row, "")
    try:
        with transaction.atomic(durable=True):
            return _keep(row, upload=upload)
    except BaseException:
        with suppress(OSError):
            row.file.storage.delete(row.file.name)
        raise


def _keep(row: Attachment, *, upload: File) -> tuple[Attachment, bool]:
    user = row.uploaded_by
    case, proposal = _locked(row.proposal_id)
    if reason := _why_not_keep(row, proposal):
        raise UnableToAttach(reason)
    siblings = Attachment.objects.filter(proposal_id=proposal.pk, assignment=row.assignment, commitment=row.commitment)
    known = siblings.filter(kind=row.kind, sha256=row.sha256).first()
    if known is not None:
        # A disk that lost the file gets it back.
        if not known.file.storage.exists(known.file.name):
            _store(row, upload)
            known.file = row.file.name
            known.save(update_fields=["file"])
        return known, False
    if siblings.count() >= MAX_FILES:
        raise UnableToAttach(FULL)
    _store(row, upload)
    row.save()
    _log(case=case, user=user, row=row, verb="attach", said="上传", now=row.uploaded_at)
    return row, True


def _why_not_keep(row: Attachment, proposal: Proposal) -> str:
    user, commitment = row.uploaded_by, row.commitment
    if commitment is not None:
        commitment = Commitment.objects.get(pk=commitment.pk)
        return why_not_attach(user=user, proposal=proposal, kind=row.kind, task=None, commitment=commitment)
    task = task_of(user=user, proposal_id=proposal.pk)
    is_own = row.assignment_id == (None if row.kind == AttachmentKind.PROPOSAL else task and task.pk)
    reason = why_not_attach(user=user, proposal=proposal, kind=row.kind, task=task)
    return reason or ("" if is_own else NO_TASK)


def _locked(proposal_id: int) -> tuple[Case, Proposal]:
    case = casework.lock_case(case_id=proposal_id, seen_version=None)
    return case, Proposal.objects.select_related("lead__person", "step").get(pk=proposal_id)


def _digest(upload: File) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _store(row: Attachment, upload: File) -> None:
    try:
        row.file.storage.save(row.file.name, upload)
    except OSError as error:
        logger.exception("A file could not be stored")
        raise UnableToAttach(NO_ROOM) from error


@transaction.atomic
def detach(*, attachment_id: int, user: User, now: dt.datetime) -> Attachment:
    """Remove a file, on disk too once this is certain. Returns what it was.

    Raises Attachment.DoesNotExist when the user cannot see it or it is gone already, UnableToAttach when it has to
    stay.
    """
    case_id = Attachment.objects.visible_to(user).values_list("proposal_id", flat=True).get(pk=attachment_id)
    case, proposal = _locked(case_id)
    row = with_fate(Attachment.objects.visible_to(user)).get(pk=attachment_id)
    task = task_of(user=user, proposal_id=case_id)
    if reason := why_not_detach(user=user, proposal=proposal, row=row, task=task):
        raise UnableToAttach(reason)
    _log(case=case, user=user, row=row, verb="detach", said="删除", now=now)
    delete_files(Attachment.objects.filter(pk=row.pk))
    return row


@transaction.atomic
def delete_files(rows: QuerySet[Attachment]) -> None:
    """Delete attachments, on disk too once this is certain. Whether they may go has been decided."""
    files = [row.file for row in rows]
    rows.delete()
    for file in files:
        transaction.on_commit(partial(file.storage.delete, file.name), robust=True)


def _log(*, case: Case, user: User, row: Attachment, verb: str, said: str, now: dt.datetime) -> None:
    # A draft is its deputy's own: what was tried in it is nobody's business, and history cannot be taken back.
    if case.status == CaseStatus.DRAFT:
        return
    casework.log(
        case=case,
        actor=user,
        verb=verb,
        sentence=f"{casework.actor_label(user)}{said}{row.get_kind_display()}「{row.name}」",
        now=now,
        changes_case=False,
    )
