"""What a person is told of his data, and what he asks to be corrected."""

from __future__ import annotations

import tempfile
from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import keeps_registers
from audit.services import taken
from deputies import correcting, personal
from deputies.correcting import AlreadyDecided, ChangedMeanwhile, UnableToCorrect
from deputies.items import ITEMS
from deputies.models import Correction, CorrectionState, Person
from deputies.private import masked
from workbooks.writing import watermark, write_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 50
GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def _own(request: HttpRequest) -> Person:
    found = Person.objects.select_related("user").filter(user=request.user).first()
    if found is None:
        raise Http404
    return found


def _kept(request: HttpRequest, pk: int) -> Person:
    found = Person.objects.kept_by(request.user).select_related("user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@never_cache
@login_required
@require_safe
def my_report(request: HttpRequest) -> HttpResponse:
    """Show the deputy everything that the portal holds on him, as a page for paper."""
    return _report_page(request, _own(request))


@never_cache
@login_required
@require_safe
def my_report_file(request: HttpRequest) -> HttpResponse:
    """Give the deputy the same as a workbook."""
    return _report_file(request, _own(request))


@require_POST
@login_required
@never_cache
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show staff the report of a deputy of their congress; that somebody looked is written down."""
    return _report_page(request, _kept(request, pk))


@require_POST
@login_required
@never_cache
def report_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give staff the same as a workbook, for the deputy who asks for a copy."""
    return _report_file(request, _kept(request, pk))


def _report_page(request: HttpRequest, person: Person) -> HttpResponse:
    sections = personal.report(person=person, user=request.user)
    own = personal.is_own(person, request.user)
    context = {
        "person": person,
        "sections": sections,
        "body": request.user.hat.congress if request.user.hat else "",
        "today": timezone.localdate(),
        "by": watermark(request.user, now=timezone.localtime()),
        "back": reverse("deputies:me") if own else reverse("deputies:person", args=[person.pk]),
        "file_url": reverse("deputies:my-report-file") if own else reverse("deputies:report-file", args=[person.pk]),
        "is_own": own,
    }
    answer = render(request, "deputies/report.html", context)
    return taken(answer, what=f"个人信息报告（打印） {person.name}", rows=personal.lines_in(sections))


def _report_file(request: HttpRequest, person: Person) -> HttpResponse:
    sections = personal.report(person=person, user=request.user)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        by = watermark(request.user, now=timezone.localtime())
        rows = write_export(personal.ReportForm(), sections, file, by=by)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"个人信息报告 {person.name}.xlsx", content_type=XLSX)
    return taken(answer, what=f"个人信息报告 {person.name}", rows=rows)


class AskForm(forms.Form):
    """Which item is wrong, what is right, and why."""

    field = forms.ChoiceField(
        label="哪一项有误", choices=[("", "请选择"), *((item.name, item.label) for item in ITEMS.values())]
    )
    new = forms.CharField(label="正确的内容", max_length=300, required=False, help_text="要删去这一项的，留空不填")
    reason = forms.CharField(
        label="理由", max_length=correcting.MOST_WORDS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：换了号码；登记时写错。代表工委会核实，需要时请带上证件。",
    )  # fmt: skip


@never_cache
@login_required
@GET_OR_POST
def my_corrections(request: HttpRequest) -> HttpResponse:
    """Show the deputy what is registered and what he asked for; let him ask for a correction."""
    person = _own(request)
    field = request.GET.get("field", "")
    form = AskForm(request.POST or None, initial={"field": field if field in ITEMS else ""}, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            correcting.ask(user=request.user, now=timezone.now(), **form.cleaned_data)
        except UnableToCorrect as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "更正申请已经提交，代表工委处理后会告诉您。")
            return HttpResponseRedirect(reverse("deputies:my-corrections"))
    rows = Correction.objects.filter(person=person).select_related("decided_by")
    context = {
        "form": form,
        "person": person,
        "facts": [{"label": item.label, "value": item.shown(person)} for item in ITEMS.values()],
        "rows": [_row(row, is_shown=True) for row in rows],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "deputies/my_corrections.html", context, status=status)


@require_POST
@login_required
def withdraw_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the deputy's own request."""
    try:
        correcting.withdraw(correction_id=pk, user=request.user, now=timezone.now())
    except Correction.DoesNotExist:
        raise Http404 from None
    except AlreadyDecided as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "更正申请已经撤回。")
    return HttpResponseRedirect(reverse("deputies:my-corrections"))


def _row(row: Correction, *, is_shown: bool) -> dict[str, Any]:
    """Return a request as pages show it; what is masked elsewhere is so here, and the reason may speak of it."""
    item, hides = ITEMS[row.field], ITEMS[row.field].is_masked and not is_shown

    def text(value: str) -> str:
        return masked(row.field, value) if hides else value

    return {
        "row": row,
        "label": item.label,
        "old": text(row.old),
        "new": text(row.new),
        "reason": "" if hides else row.reason,
        "answer": "" if hides else row.answer,
        "hides": hides,
        "is_open": row.state == CorrectionState.OPEN,
    }


@login_required
@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """List for staff what deputies ask to be corrected: what is open, the oldest first, or what is decided."""
    let_in(request)
    rows = Correction.objects.kept_by(request.user).select_related("person", "decided_by")
    rows = rows.defer("old", "new", "reason", "answer")
    is_open = request.GET.get("view") != "decided"
    rows = rows.filter(state=CorrectionState.OPEN) if is_open else rows.exclude(state=CorrectionState.OPEN)
    rows = rows.order_by("asked_at", "pk") if is_open else rows.order_by("-decided_at", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = [{"row": row, "label": ITEMS[row.field].label} for row in page.object_list]
    context = {
        "page_obj": page,
        "is_open": is_open,
        "querystring": "" if is_open else "view=decided",
        "views": [
            {"label": "待处理", "url": "?", "active": is_open},
            {"label": "已处理", "url": "?view=decided", "active": not is_open},
        ],
    }
    return render(request, "deputies/corrections.html", context)


@never_cache
@login_required
@GET_OR_POST
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Show staff one request, and let them accept or refuse it."""
    row = _request(request, pk)
    if request.method != "POST":
        return _request_page(request, row)
    answer = request.POST.get("answer", "")
    accept = partial(correcting.accept, seen=request.POST.get("seen"))
    act = {"accept": accept, "refuse": correcting.refuse}.get(request.POST.get("act", ""))
    if act is None:
        return _request_page(request, row, error="请点“更正”或者“不采纳”。", answer=answer)
    try:
        done = act(correction_id=pk, user=request.user, answer=answer, now=timezone.now())
    except Correction.DoesNotExist:
        raise Http404 from None
    except (AlreadyDecided, ChangedMeanwhile) as error:
        return _request_page(request, _request(request, pk), stale=str(error), answer=answer)
    except UnableToCorrect as error:
        return _request_page(request, row, error=str(error), answer=answer)
    messages.success(
        request, f"{done.person.name}的{ITEMS[done.field].label}：{done.get_state_display()}，已经告诉本人。"
    )
    return HttpResponseRedirect(reverse("deputies:corrections"))


@require_POST
@login_required
@never_cache
def look_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request about a masked item in full; that somebody looked is written down."""
    row = _request(request, pk)
    correcting.look_at(correction=row, user=request.user)
    return _request_page(request, row, is_shown=True, answer=request.POST.get("answer", ""))


def _request(request: HttpRequest, pk: int) -> Correction:
    let_in(request)
    rows = Correction.objects.kept_by(request.user).select_related("person", "asked_by", "decided_by")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _request_page(
    request: HttpRequest, row: Correction, *, is_shown: bool = False, error: str = "", stale: str = "", answer: str = ""
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.CONFLICT if stale else HTTPStatus.OK
    item, person = ITEMS[row.field], row.person
    now = item.shown(person)
    shown = _row(row, is_shown=is_shown)
    context = {
        "one": shown | {"now": masked(item.name, now) if shown["hides"] else now},
        "has_looked": is_shown,
        "error": error,
        "stale": stale,
        "kept": [{"label": "处理说明", "text": answer}] if stale and answer and not shown["is_open"] else [],
        "seen": correcting.mark_of(row),
        "answer": answer,
        "most": correcting.MOST_WORDS,
    }
    return render(request, "deputies/correction.html", context, status=status)


def let_in(request: HttpRequest) -> None:
    """Raise Http404 for everybody but those who keep the register."""
    if not keeps_registers(request.user):
        raise Http404
