"""A group's activities: registering one with who came, reading it, putting it right, taking it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deputies.models import GroupMember, Seat
from duties import group_services as services
from duties.abilities import leads_group, may_change
from duties.forms import ActivityForm
from duties.group_queries import PRIVATE, members_of
from duties.group_services import Registered, UnableToRecord
from duties.models import AttendanceState, GroupActivity
from duties.views.groups import group_or_404

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
USUAL = "小组活动"


def activity_or_404(request: HttpRequest, pk: int) -> GroupActivity:
    """Return an activity that the user may see; for others it does not exist."""
    rows = GroupActivity.objects.visible_to(request.user)
    found = rows.select_related("group__term__congress", "type", "registered_by", "changed_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@GET_OR_POST
@login_required
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Register an activity with who came; a member who does not lead the group has no such page."""
    group, today = group_or_404(request, pk), timezone.localdate()
    members = members_of(group, today)
    of_group = {"congress": group.term.congress, "members": members}
    if request.method != "POST":
        if not leads_group(request.user, group, today):
            raise Http404
        came = {f"state_{member.seat_id}": AttendanceState.PRESENT for member in members}
        form, status = ActivityForm(initial={"done_on": today, "type": USUAL, **came}, **of_group), 200
    else:
        # Whoever has lost the office since the page was opened is told so, and keeps what he typed.
        form, status = ActivityForm(request.POST, **of_group), 422
        if form.is_valid():
            try:
                done = services.register_activity(
                    group_id=group.pk, deed=form.deed, states=form.states, user=request.user, now=timezone.now()
                )
            except UnableToRecord as error:
                form.add_error(None, str(error))
            else:
                _say(request, done, "已登记")
                return HttpResponseRedirect(done.activity.get_absolute_url())
    context = {
        "heading": "登记小组活动",
        "intro": f"{group}。默认全体出席，请把请假、缺席的改过来；登记后计入出席代表的履职记录，并通知本人。",
        "form": form,
        "submit_label": "登记活动",
        "cancel_url": reverse("duties:group", args=[group.pk]),
    }
    return render(request, "duties/form.html", context, status=status)


def _say(request: HttpRequest, done: Registered, act: str) -> None:
    """Tell what was kept, and whose attendance was not."""
    counts = Counter(done.activity.attendances.values_list("state", flat=True))
    told = "，".join(f"{state.label} {counts[state]} 人" for state in AttendanceState if counts[state])
    messages.success(request, f"{act}：{told}。出席的已计入各人的履职记录。")
    if done.left_out:
        names = "、".join(seat.person.name for seat in done.left_out)
        messages.warning(request, f"{names}在 {done.activity.held_on} 还不是或者已经不是代表，没有登记出席情况。")


@login_required
@require_safe
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an activity with who came."""
    row = activity_or_404(request, pk)
    attendances = row.attendances.select_related("seat__person").defer(*PRIVATE)
    names: dict[str, list[str]] = {state: [] for state in AttendanceState}
    for one in attendances.order_by("seat__person__pinyin", "pk"):
        names[one.state].append(one.seat.person.name)
    context = {
        "activity": row,
        "roll": [{"label": state.label, "names": names[state]} for state in AttendanceState if names[state]],
        "may_change": may_change(request.user, row, timezone.localdate()),
    }
    return render(request, "duties/activity.html", context)


@GET_OR_POST
@login_required
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an activity right; whoever may only read it has no such page."""
    row, stale, status = activity_or_404(request, pk), "", 200
    members = _roll(row)
    of_activity = {"congress": row.group.term.congress, "members": members, "type_": row.type.name}
    if request.method != "POST":
        if not may_change(request.user, row, timezone.localdate()):
            raise Http404
        form = ActivityForm(initial=_initial(row), **of_activity)
    else:
        form, status = ActivityForm(request.POST, **of_activity), 422
        if form.is_valid():
            try:
                done = services.correct_activity(
                    activity_id=pk,
                    seen_version=_version(form.cleaned_data["seen"]),
                    deed=form.deed,
                    states=form.states,
                    user=request.user,
                    now=timezone.now(),
                )
            except services.RecordWasChanged as error:
                stale, status = str(error), 409
                form.data = form.data.copy()
                form.data["seen"] = str(row.version)
            except UnableToRecord as error:
                form.add_error(None, str(error))
            else:
                _say(request, done, "已更正")
                return HttpResponseRedirect(row.get_absolute_url())
    context = {
        "heading": "更正小组活动",
        "intro": str(row.group),
        "form": form,
        "submit_label": "保存更正",
        "cancel_url": row.get_absolute_url(),
        "stale": stale,
    }
    return render(request, "duties/form.html", context, status=status)


@require_POST
@login_required
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an activity back."""
    row = activity_or_404(request, pk)
    version = _version(request.POST.get("seen", ""))
    try:
        services.take_back_activity(activity_id=pk, seen_version=version, user=request.user, now=timezone.now())
    except UnableToRecord as error:
        context = {"stale": str(error), "back_url": row.get_absolute_url()}
        return render(request, "duties/refused.html", context, status=409)
    messages.success(request, f"已撤回「{row.topic}」，各人的履职记录里由此登记的也已去掉。")
    return HttpResponseRedirect(reverse("duties:group", args=[row.group_id]))


def _version(text: str) -> int:
    """Return the version that a page showed; one that tells none is stale."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _roll(row: GroupActivity) -> Sequence[GroupMember]:
    """Return the members of today and whoever else is on the activity's list. Two queries."""
    members = members_of(row.group, timezone.localdate())
    there = {member.seat_id for member in members}
    others = Seat.objects.filter(group_attendances__activity=row).exclude(pk__in=there)
    others = others.select_related("person", "term__congress").order_by("person__pinyin", "pk")
    return [*members, *(GroupMember(group=row.group, seat=seat) for seat in others)]


def _initial(row: GroupActivity) -> dict[str, object]:
    states = {f"state_{seat}": state for seat, state in row.attendances.values_list("seat", "state")}
    return {
        "seen": row.version,
        "done_on": row.held_on,
        "type": row.type.name,
        "topic": row.topic,
        "place": row.place,
        "content": row.content,
        **states,
    }
