"""承办单位考核: schemes, the ranking, points by hand, the rows behind each computed figure, the sheet."""

from __future__ import annotations

import tempfile
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from audit.services import taken
from bodies.models import Unit
from casework.services import UnableToAct
from proposals.forms import scoring as forms
from proposals.models import (
    OVERSEERS,
    ItemKind,
    ManualScore,
    Measure,
    Proposal,
    SchemeState,
    ScoringItem,
    ScoringScheme,
)
from proposals.papers.scoring import SCALED, scoring_book
from proposals.queries import scoring as reads
from proposals.queries.oversight import years_of
from proposals.rules.scoring import MEANING, SCOPE, VERDICTS, verdict
from proposals.services import scoring as services
from proposals.views.acting import GET_OR_POST
from proposals.views.inspections import XLSX, let_in


def _scheme(request: HttpRequest, pk: int) -> ScoringScheme:
    row = ScoringScheme.objects.visible_to(request.user).select_related("congress").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _years(request: HttpRequest) -> list[int]:
    return sorted({*years_of(request.user), timezone.localdate().year}, reverse=True)


@login_required
@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes; staff make one from an example here."""
    let_in(request, *OVERSEERS, Role.UNIT)
    is_staff = request.user.has_role(Role.STAFF)
    context = {
        "schemes": list(ScoringScheme.objects.visible_to(request.user)),
        "form": forms.NewSchemeForm(years=_years(request)) if is_staff else None,
        "oversees": request.user.has_role(*OVERSEERS),
    }
    return render(request, "proposals/oversight/scoring_list.html", context)


@require_POST
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """按示例新建."""
    let_in(request, Role.STAFF)
    form = forms.NewSchemeForm(request.POST, years=_years(request))
    if not form.is_valid():
        messages.error(request, "没有新建：请选择年度和示例。")
        return HttpResponseRedirect(reverse("proposals:scoring"))
    try:
        row = services.create_scheme(user=request.user, now=timezone.now(), **form.cleaned_data)
    except UnableToAct as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("proposals:scoring"))
    messages.success(request, f"已按示例新建“{row.name}”，请核对考核项目后启用。")
    return HttpResponseRedirect(reverse("proposals:scoring-items", args=[row.pk]))


@login_required
@require_safe
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ranking, to a unit its own line."""
    row = _scheme(request, pk)
    items = list(row.items.all())
    if request.user.has_role(Role.UNIT):
        own = row.lines.visible_to(request.user).select_related("unit")
        lines, of = reads.published(list(own)), row.lines.count()
    else:
        lines = [] if row.state == SchemeState.DRAFT else reads.standing(row, items, timezone.localdate())
        of = len(lines)
    context = {
        "scheme": row,
        "items": items,
        "whole": sum(item.max_points for item in items),
        "lines": [_line(row, items, line, is_own=request.user.has_role(Role.UNIT)) for line in lines],
        "count": of,
        "unscored": sum(bool(line.missing) for line in lines),
        "oversees": request.user.has_role(*OVERSEERS),
        "is_staff": request.user.has_role(Role.STAFF),
        "meanings": [{"name": item.name, "words": MEANING[item.measure]} for item in items if item.measure],
        "scaled": SCALED,
        "scope": SCOPE,
        "states": SchemeState,
    }
    return render(request, "proposals/oversight/scoring.html", context)


def _line(row: ScoringScheme, items: list[ScoringItem], line: reads.UnitScore, *, is_own: bool) -> dict[str, Any]:
    def url(item: ScoringItem) -> str:
        if is_own:
            return ""
        if item.kind == ItemKind.MANUAL:
            return reverse("proposals:scoring-unit", args=[row.pk, line.unit_id])
        return reverse("proposals:scoring-rows", args=[row.pk, line.unit_id, item.pk])

    return {
        "line": line,
        "url": "" if is_own else reverse("proposals:scoring-unit", args=[row.pk, line.unit_id]),
        "cells": [
            {"cell": line.cells[item.pk], "url": url(item), "item": item, "is_manual": item.kind == ItemKind.MANUAL}
            for item in items
        ],
    }


@login_required
@GET_OR_POST
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the items of a draft."""
    let_in(request, Role.STAFF)
    row = _scheme(request, pk)
    initial = forms.items_initial(row.items.all())
    form = forms.SchemeForm(request.POST or None, initial={"name": row.name, "version": row.version})
    rows = forms.ItemsFormSet(request.POST or None, initial=initial, prefix="item")
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            services.change_scheme(
                scheme_id=pk, seen_version=form.seen_version, user=request.user, items=rows.presets, **form.given
            )
        except services.ItemsWereChanged as error:
            form.add_error(None, str(error))
            form.data = form.data.copy()
            form.data["version"] = str(ScoringScheme.objects.get(pk=pk).version)
            status = 409
        except UnableToAct as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "考核项目已保存。")
            return HttpResponseRedirect(reverse("proposals:scoring-scheme", args=[pk]))
    context = {"scheme": row, "form": form, "rows": rows, "is_draft": row.state == SchemeState.DRAFT}
    return render(request, "proposals/oversight/scoring_items.html", context, status=status)


@require_POST
@login_required
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """启用."""
    let_in(request, Role.STAFF)
    try:
        row = services.activate_scheme(scheme_id=pk, user=request.user)
    except ScoringScheme.DoesNotExist as error:
        raise Http404 from error
    except UnableToAct as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已启用{row}，可以评分了。")
    return HttpResponseRedirect(reverse("proposals:scoring-scheme", args=[pk]))


@require_POST
@login_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """公布结果."""
    let_in(request, Role.STAFF)
    try:
        row = services.close_scheme(scheme_id=pk, user=request.user, now=timezone.now())
    except ScoringScheme.DoesNotExist as error:
        raise Http404 from error
    except UnableToAct as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已公布{row}的结果，已通知各承办单位。")
    return HttpResponseRedirect(reverse("proposals:scoring-scheme", args=[pk]))


@login_required
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the ranking as a workbook to print."""
    let_in(request)
    row = _scheme(request, pk)
    known, today = list(row.items.all()), timezone.localdate()
    out = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        lines = reads.standing(row, known, today)
        scoring_book(row, known, lines, congress=row.congress.name, day=today, out=out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    answer = FileResponse(out, as_attachment=True, filename=f"{row.year}年承办单位考核评分表.xlsx", content_type=XLSX)
    return taken(answer, what=f"{row.year}年承办单位考核评分表", rows=len(lines))


@login_required
@GET_OR_POST
def unit(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    """Show one unit's points with how they came about; staff give those that are given by hand."""
    let_in(request)
    row = _scheme(request, pk)
    items = list(row.items.all())
    line = next((one for one in reads.standing(row, items, timezone.localdate()) if one.unit_id == unit), None)
    if line is None:
        raise Http404
    history = list(
        ManualScore.objects.filter(item__scheme=row, unit=unit).select_related("item", "given_by").order_by("-pk")
    )
    by_hand = [item for item in items if item.kind == ItemKind.MANUAL]
    may_score = bool(by_hand) and row.state == SchemeState.ACTIVE and request.user.has_role(Role.STAFF)
    form, status = None, 200
    if may_score:
        initial = {"seen": history[0].pk if history else 0}
        for item in by_hand:
            cell = line.cells[item.pk]
            if cell.points is not None:
                initial |= {f"points_{item.pk}": cell.points, f"note_{item.pk}": cell.words}
        form = forms.PointsForm(request.POST or None, items=by_hand, initial=initial)
    if request.method == "POST":
        if form is None:
            raise Http404
        status = 422
        if form.is_valid():
            try:
                changed = services.give_points(
                    scheme_id=pk, user=request.user, now=timezone.now(), unit=Unit.objects.get(pk=unit),
                    points=form.points, seen=form.cleaned_data["seen"],
                )  # fmt: skip
            except services.PointsWereChanged as error:
                form.add_error(None, str(error))
                form.data = form.data.copy()
                form.data["seen"] = initial["seen"]
                status = 409
            except UnableToAct as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"已保存{line.unit}的 {changed} 项得分。" if changed else "得分没有变化。")
                return HttpResponseRedirect(reverse("proposals:scoring-unit", args=[pk, unit]))
    context = {
        "scheme": row,
        "shown": _line(row, items, line, is_own=False),
        "form": form,
        "history": history,
        "back_url": reverse("proposals:scoring-scheme", args=[pk]),
    }
    return render(request, "proposals/oversight/scoring_unit.html", context, status=status)


@login_required
@require_safe
def rows(request: HttpRequest, pk: int, unit: int, item: int) -> HttpResponse:
    """List the records behind a computed figure of a unit, each with how it counts."""
    let_in(request)
    row = _scheme(request, pk)
    of = row.items.filter(pk=item, kind=ItemKind.COMPUTED).first()
    if of is None:
        raise Http404
    today = timezone.localdate()
    facts = [one for one in reads.facts_of(row, today) if one.unit_id == unit]
    if not facts:
        raise Http404
    yes, no = VERDICTS[of.measure]
    visible = set(
        Proposal.objects.visible_to(request.user)
        .filter(pk__in=[one.proposal_id for one in facts])
        .values_list("pk", flat=True)
    )
    found = [(one, verdict(of.measure, one, today)) for one in facts]
    context = {
        "scheme": row,
        "item": of,
        "unit": facts[0].unit,
        "meaning": MEANING[of.measure],
        "cell": reads.computed(of, facts, today),
        "rows": [
            {
                "fact": one,
                "url": reverse("proposals:case", args=[one.proposal_id]) if one.proposal_id in visible else "",
                "counts": counts,
                "words": yes if counts else no,
                "days": _days(of.measure, one),
            }
            for one, counts in sorted(found, key=lambda pair: bool(pair[1]))
            if counts is not None
        ],
        "left_out": sum(counts is None and _concerns(of.measure, one) for one, counts in found),
        "back_url": reverse("proposals:scoring-scheme", args=[pk]),
    }
    return render(request, "proposals/oversight/scoring_rows.html", context)


def _concerns(measure: str, facts: reads.Facts) -> bool:
    """Say whether a record is of the kind that the measure counts at all."""
    if measure == Measure.COMMITMENTS or isinstance(facts, reads.CommitmentFacts):
        return measure == Measure.COMMITMENTS and isinstance(facts, reads.CommitmentFacts)
    if measure == Measure.ACKNOWLEDGED:
        return True
    return facts.answers != (measure == Measure.OPINIONS)


def _days(measure: str, facts: reads.Facts) -> tuple:
    """Return the day by which and the day on which, where the measure looks at days."""
    match measure:
        case Measure.ACKNOWLEDGED:
            return facts.acknowledge_by, facts.acknowledged_on
        case Measure.OPINIONS:
            return facts.opinion_by, facts.opined_on
        case Measure.ON_TIME | Measure.OVERDUE:
            return facts.due_on, facts.replied_on
        case Measure.COMMITMENTS:
            return facts.due_on, facts.done_on
    return ()
