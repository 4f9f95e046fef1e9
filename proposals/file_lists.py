"""The files of a proposal as pages show them: lists to download from, and the panel to add and remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from proposals.models import Attachment, AttachmentKind
from proposals.services.attaching import MAX_FILES, task_of, why_not_attach, why_not_detach, with_fate
from proposals.uploads import ACCEPT, MAX_BYTES

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import Proposal

UNIT_KINDS = (AttachmentKind.REPLY, AttachmentKind.RECORD, AttachmentKind.REQUEST)


def files_of(user: User, proposal: Proposal) -> list[Attachment]:
    """Return the files of a proposal that the user may read, oldest first. One query."""
    return list(with_fate(Attachment.objects.visible_to(user).filter(proposal_id=proposal.pk)))


def shown(files: Sequence[Attachment], *, assignment_id: int | None = None) -> list[dict[str, Any]]:
    """Return the files of the proposal itself, or of one unit's task, for ``partials/files.html``."""
    return [_row(row) for row in files if row.assignment_id == assignment_id and row.commitment_id is None]


def evidence_of(files: Sequence[Attachment], commitment_id: int) -> list[dict[str, Any]]:
    """Return the files that show how a commitment was kept, for ``partials/files.html``."""
    return [_row(row) for row in files if row.commitment_id == commitment_id]


def _row(row: Attachment) -> dict[str, Any]:
    return {
        "name": row.name,
        "url": reverse("proposals:file", args=[row.proposal_id, row.pk]),
        "size_label": filesizeformat(row.size),
        "kind_label": row.get_kind_display() if row.kind != AttachmentKind.PROPOSAL else "",
    }


def upload_panel(user: User, proposal: Proposal, files: Sequence[Attachment], *, back: str) -> dict[str, Any] | None:
    """Return the context ``upload`` of ``partials/upload.html``, None for who may not add files now.

    ``files`` come from ``files_of``; ``back`` names the page to return to, ``case`` or ``edit``. At most one query.
    """
    task = task_of(user=user, proposal_id=proposal.pk)
    kinds = UNIT_KINDS if task else (AttachmentKind.PROPOSAL,)
    if why_not_attach(user=user, proposal=proposal, kind=kinds[0], task=task):
        return None
    rows = [
        _row(row)
        | {
            "remove_url": ""
            if why_not_detach(user=user, proposal=proposal, row=row, task=task)
            else reverse("proposals:file-remove", args=[proposal.pk, row.pk])
        }
        for row in files
        if row.assignment_id == (task.pk if task else None) and row.commitment_id is None
    ]
    return {
        "heading": "本单位的办理文件" if task else "附件",
        "url": reverse("proposals:file-add", args=[proposal.pk]),
        "back": back,
        "kinds": [{"value": kind.value, "label": kind.label} for kind in kinds],
        "files": rows,
        "accept": ACCEPT,
        "max_files": MAX_FILES,
        "max_bytes": MAX_BYTES,
        "max_size_label": f"{MAX_BYTES // 1024 // 1024} MB",
        "left": max(0, MAX_FILES - len(rows)),
    }
