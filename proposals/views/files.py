"""Files of a proposal: to download, to add, to remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit.services import taken
from proposals.models import Attachment, AttachmentKind, Proposal
from proposals.services.attaching import Attached, UnableToAttach, attach_many, detach, task_of
from proposals.views.acting import visible_or_404

if TYPE_CHECKING:
    from collections.abc import Iterable

INCOMPLETE = "没有收到完整的文件，可能是网络中断。没有保存任何文件，请重新选择后再上传。"
NOTHING_CHOSEN = "请先选择要上传的文件。"
GONE = "这个附件已经不在了，可能刚刚被删除。"
SHOWN = 40


@login_required
@require_safe
def download(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Give a file to who may read it; the browser saves it and never shows it as a page of the portal."""
    try:
        row = Attachment.objects.visible_to(request.user).get(pk=file, proposal=pk)
    except Attachment.DoesNotExist as error:
        raise Http404 from error
    try:
        stream = row.file.open("rb")
    except OSError:
        context = {"name": row.name, "case_url": reverse("proposals:case", args=[pk])}
        return render(request, "proposals/file_missing.html", context, status=404)
    answer = FileResponse(stream, as_attachment=True, filename=row.name, content_type=row.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return taken(answer, what=f"附件 {row.name}", rows=1)


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one or several files; what is refused is named with the reason, the others are kept."""
    proposal = visible_or_404(request, pk)
    kind = request.POST.get("kind", "")
    uploads = request.FILES.getlist("file")
    # The kind stands last in the form: where it is missing, the rest was lost on the way.
    if kind not in AttachmentKind.values:
        messages.error(request, INCOMPLETE)
    elif not uploads:
        messages.error(request, NOTHING_CHOSEN)
    else:
        task = None if kind == AttachmentKind.PROPOSAL else task_of(user=request.user, proposal_id=pk)
        result = attach_many(
            proposal_id=pk, user=request.user, now=timezone.now(), uploads=uploads, kind=kind, assignment=task
        )
        _tell(request, result)
    return _back(request, proposal)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Remove a file; a second click finds it gone and says so."""
    proposal = visible_or_404(request, pk)
    try:
        Attachment.objects.visible_to(request.user).get(pk=file, proposal=pk)
        row = detach(attachment_id=file, user=request.user, now=timezone.now())
    except Attachment.DoesNotExist:
        messages.info(request, GONE)
    except UnableToAttach as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已删除附件{_listed([row.name])}。")
    return _back(request, proposal)


def _tell(request: HttpRequest, result: Attached) -> None:
    if result.added:
        names = _listed(row.name for row in result.added)
        messages.success(request, f"已上传 {len(result.added)} 个文件：{names}。")
    if result.known:
        messages.info(request, f"{_listed(row.name for row in result.known)}已经上传过，没有重复保存。")
    for reason, names in result.refused.items():
        messages.error(request, f"没有保存{_listed(names)}：{reason}")


def _listed(names: Iterable[str]) -> str:
    """Return names in quotation marks; of a long one the beginning and the end."""
    short = (name if len(name) <= SHOWN else f"{name[: SHOWN - 15]}…{name[-14:]}" for name in names)
    return "、".join(f"「{name or '没有名称的文件'}」" for name in short)


def _back(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    page = "edit" if request.POST.get("back") == "edit" else "case"
    return HttpResponseRedirect(reverse(f"proposals:{page}", args=[proposal.pk]) + "#files")
