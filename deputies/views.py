"""The roster and a person's page, for reading; changes are made in the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from accounts.permissions import keeps_registers
from deputies import panels, queries
from deputies.models import DeputyGroup, GroupMember, Person, Seat
from deputies.private import LABELS, look_at, masked, readable

PAGE_SIZE = 50


class RosterFilter(forms.Form):
    """Filters of the roster."""

    q = forms.CharField(
        label="查找",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名、拼音首字母、代表证号、单位或者代表小组"}),
    )
    delegation = forms.ChoiceField(label="代表团", required=False)
    group = forms.ChoiceField(label="代表小组", required=False)


@login_required
@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """Show the deputies in office: those of the own congress, or of the other levels with which it works."""
    user = request.user
    if user.hat is None or user.has_role(Role.UNIT, Role.DEPUTY):
        raise Http404
    today = timezone.localdate()
    data = request.GET.copy()
    data["q"] = data.get("q", "").replace("\x00", "")[:100]
    group_choices = [("", "全部小组"), *((str(pk), name) for pk, name in queries.groups(user, today))]
    if data.get("group") not in dict(group_choices):
        data["group"] = ""
    levels = queries.levels(user, today)
    if data.get("level") not in {level.key for level in levels}:
        # A group may have members of every level: whoever looks at one wants to see them all.
        data["level"] = levels[-1].key if data["group"] else queries.OWN
    delegations = queries.delegations(user, today, data["level"])
    choices = [("", "全部代表团"), *((str(pk), name) for pk, name in delegations)]
    if data.get("delegation") not in dict(choices):
        data["delegation"] = ""
    form = RosterFilter(data)
    form.fields["delegation"].choices = choices
    form.fields["group"].choices = group_choices
    rows = queries.of_level(
        queries.search(queries.roster(user, today), data["q"], numbers=keeps_registers(user)), user, data["level"]
    )
    if data["delegation"]:
        rows = rows.filter(delegation_id=int(data["delegation"]))
    if data["group"]:
        rows = rows.filter(group_memberships__group=int(data["group"]))
    totals = queries.totals(rows)
    paginator = Paginator(rows, PAGE_SIZE)
    paginator.count = totals["all"]
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = [_row(seat) for seat in page.object_list]
    left = data.copy()
    left.pop("page", None)
    chips = []
    labels = {
        "q": data["q"],
        "delegation": dict(choices).get(data["delegation"], ""),
        "group": dict(group_choices).get(data["group"], ""),
    }
    for name, label in labels.items():
        if data[name]:
            without = left.copy()
            without.pop(name)
            chips.append({"label": f"{form.fields[name].label}：{label}", "remove_url": f"?{without.urlencode()}"})
    context = {
        "heading": "代表名册",
        "keeps": keeps_registers(user),
        "page_obj": page,
        "totals": _totals(totals),
        "querystring": left.urlencode(),
        "views": _views(levels, left) if len(levels) > 1 else [],
        "shows_level": data["level"] != queries.OWN,
        "filter_form": form,
        "keep": [{"name": "level", "value": data["level"]}] if len(levels) > 1 else [],
        "chips": chips,
        "clear_url": f"{reverse('deputies:roster')}?level={data['level']}",
    }
    return render(request, "deputies/roster.html", context)


def _totals(totals: dict[str, int]) -> str:
    named = {"women": "女", "minorities": "少数民族", "committee": "常委会组成人员"}
    parts = [f"{label} {totals[name]} 名" for name, label in named.items() if totals[name]]
    return f"其中{'，'.join(parts)}" if parts else ""


def _views(levels: list[queries.LevelCount], left: QueryDict) -> list[dict[str, Any]]:
    """The levels as tabs. What was searched stays; a delegation is one level's and goes."""
    views = []
    for level in levels:
        address = left.copy()
        address.pop("delegation", None)
        address["level"] = level.key
        active = level.key == left["level"]
        views.append({"label": level.label, "url": f"?{address.urlencode()}", "count": level.count, "active": active})
    return views


def _row(seat: Seat) -> dict[str, Any]:
    return {
        "name": seat.person.name,
        "url": reverse("deputies:person", args=[seat.person_id]),
        "gender": seat.person.gender,
        "ethnicity": seat.person.ethnicity,
        "party": seat.person.party,
        "post": seat.person.post,
        "level": queries.level_name(seat.term.congress.level),
        "congress": seat.term.congress.name,
        "delegation": seat.delegation.name,
        "district": seat.elected_by,
        "state_label": seat.get_status_display(),
    }


@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show the deputy's own page."""
    found = Person.objects.filter(user=request.user).first()
    if found is None:
        raise Http404
    return _person_page(request, found, list_url="")


@login_required
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person: seats, and what the apps above know of him or her."""
    found = Person.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    leads_back = not request.user.has_role(Role.UNIT, Role.DEPUTY)
    return _person_page(request, found, list_url=reverse("deputies:roster") if leads_back else "")


@require_POST
@login_required
@never_cache
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person with phone, ID number and address in full; that somebody looked is written down."""
    found = Person.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    looked = look_at(user=request.user, person=found)
    if not looked:
        raise Http404
    leads_back = not request.user.has_role(Role.UNIT, Role.DEPUTY)
    return _person_page(request, found, list_url=reverse("deputies:roster") if leads_back else "", looked=looked)


def _keeps(request: HttpRequest, found: Person) -> bool:
    """Say whether the user answers for the person's data. At most one query."""
    return keeps_registers(request.user) and Person.objects.kept_by(request.user).filter(pk=found.pk).exists()


def _person_page(
    request: HttpRequest, found: Person, *, list_url: str, looked: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    is_own = found.user_id == request.user.pk
    members = GroupMember.objects.all()
    if not is_own:
        members = members.filter(group__in=DeputyGroup.objects.visible_to(request.user))
    visible = Seat.objects.all() if is_own else Seat.objects.visible_to(request.user)
    seats = list(
        visible.filter(person=found)
        .select_related("term__congress", "delegation")
        .prefetch_related(Prefetch("group_memberships", queryset=members.select_related("group")))
        .order_by("-started_on")
    )
    groups = [f"{m.group.name}（{m.get_office_display()}）" for seat in seats for m in seat.group_memberships.all()]
    facts = [
        {"label": "性别", "value": found.gender},
        {"label": "民族", "value": found.ethnicity},
        {"label": "党派", "value": found.party},
        {"label": "学历学位", "value": " ".join(filter(None, [found.education, found.degree]))},
        {"label": "职业构成", "value": found.occupation},
        {"label": "代表小组", "value": "、".join(groups)},
    ]
    private = readable(request.user, found)
    if private:
        facts.append({"label": "出生年月", "value": found.born_label})
        shown = looked or [
            (LABELS[name], getattr(found, name) if is_own else masked(name, getattr(found, name))) for name in private
        ]
        facts += [{"label": label, "value": value} for label, value in shown]
    context = {
        "person": {
            "name": found.name,
            "post": found.post,
            "state_label": seats[0].get_status_display() if seats else "",
        },
        "list_url": list_url,
        "look_url": reverse("deputies:look", args=[found.pk])
        if private and not (looked or is_own or found.erased_at)
        else "",
        "has_looked": bool(looked),
        "is_own": is_own,
        "report_url": reverse("deputies:report", args=[found.pk]) if _keeps(request, found) else "",
        "erased_at": found.erased_at,
        "facts": facts,
        "seats": [
            {
                "congress": seat.term.congress.name,
                "term": seat.term.name,
                "delegation": seat.delegation.name,
                "district": seat.elected_by,
                "started_on": seat.started_on,
                "ended_on": seat.ended_on,
                "state_label": seat.get_status_display(),
            }
            for seat in seats
        ],
        **panels.context_of(found, request.user),
    }
    return render(request, "deputies/person.html", context)
