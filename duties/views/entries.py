"""代为登记: one duty that a group's leader enters for a member."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from deputies.models import DeputyGroup
from duties import group_services as services
from duties.abilities import leads_group
from duties.forms import DeedForm, EntryForm
from duties.group_queries import entered_by, members_of
from duties.group_services import UnableToRecord, mark_of
from duties.models import DutyRecord
from duties.views.activities import GET_OR_POST
from duties.views.groups import group_or_404


@GET_OR_POST
@login_required
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter one duty for a member; a member who does not lead the group has no such page."""
    group, today = group_or_404(request, pk), timezone.localdate()
    others = [row for row in members_of(group, today) if row.seat.person.user_id != request.user.pk]
    of_group = {"congress": group.term.congress, "members": others}
    if request.method != "POST":
        if not leads_group(request.user, group, today):
            raise Http404
        form, status = EntryForm(initial={"done_on": today}, **of_group), 200
    else:
        form, status = EntryForm(request.POST, **of_group), 422
        if form.is_valid():
            try:
                record = services.enter_for(
                    group_id=pk, seat_id=form.seat_id, deed=form.deed, user=request.user, now=timezone.now()
                )
            except UnableToRecord as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"已为{record.seat.person.name}登记「{record.topic}」，并通知本人。")
                return _back(group)
    context = {
        "heading": "代为登记履职",
        "intro": f"{group}。为不方便上网的成员登记一条履职；记录上写明由您代为登记，本人和代表工委都看得到。",
        "form": form,
        "submit_label": "代为登记",
        "cancel_url": reverse("duties:group", args=[group.pk]),
    }
    return render(request, "duties/form.html", context, status=status)


@GET_OR_POST
@login_required
def correct(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Put right a line that the user entered for a member."""
    group, record = _own_line_or_404(request, pk, line)
    stale, status = "", 200
    of_line = {"congress": group.term.congress, "type_": record.type.name}
    if request.method != "POST":
        initial = {name: getattr(record, name) for name in ("done_on", "topic", "place", "content")}
        form = DeedForm(initial=initial | {"type": record.type.name, "seen": mark_of(record)}, **of_line)
    else:
        form, status = DeedForm(request.POST, **of_line), 422
        if form.is_valid():
            try:
                services.correct_line(
                    group_id=pk, record_id=line, seen=form.cleaned_data["seen"], deed=form.deed, user=request.user,
                    now=timezone.now(),
                )  # fmt: skip
            except services.RecordWasChanged as error:
                stale, status = str(error), 409
                form.data = form.data.copy()
                form.data["seen"] = mark_of(record)
            except UnableToRecord as error:
                form.add_error(None, str(error))
            except DutyRecord.DoesNotExist as error:
                raise Http404 from error
            else:
                messages.success(request, f"已更正，并通知{record.seat.person.name}。")
                return _back(group)
    context = {
        "heading": f"更正代{record.seat.person.name}登记的履职",
        "form": form,
        "submit_label": "保存更正",
        "cancel_url": reverse("duties:group", args=[group.pk]),
        "stale": stale,
        "take_back_url": reverse("duties:entered-take-back", args=[pk, line]),
    }
    return render(request, "duties/form.html", context, status=status)


@require_POST
@login_required
def take_back(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Take back a line that the user entered for a member."""
    group, record = _own_line_or_404(request, pk, line)
    try:
        services.take_back_line(group_id=pk, record_id=line, user=request.user, now=timezone.now())
    except DutyRecord.DoesNotExist as error:
        raise Http404 from error
    except UnableToRecord as error:
        context = {"stale": str(error), "back_url": reverse("duties:group", args=[pk])}
        return render(request, "duties/refused.html", context, status=409)
    messages.success(request, f"已撤回代{record.seat.person.name}登记的「{record.topic}」，并通知本人。")
    return _back(group)


def _own_line_or_404(request: HttpRequest, pk: int, line: int) -> tuple[DeputyGroup, DutyRecord]:
    """Return a line that the user entered for a member of a group to which he belongs."""
    group = group_or_404(request, pk)
    record = entered_by(request.user, group).filter(pk=line).first()
    if record is None:
        raise Http404
    return group, record


def _back(group: DeputyGroup) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("duties:group", args=[group.pk]))
