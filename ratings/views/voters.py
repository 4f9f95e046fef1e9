"""Who may vote: accounts, and codes on paper."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit.services import taken
from ratings import electorate, queries, services
from ratings.codes import picture
from ratings.forms import CodesForm, VotersForm
from ratings.models import RatingRound, RoundState
from ratings.services import UnableToAct
from ratings.views.acting import GET_OR_POST, attempt, kept_round_or_404, refused, why_not

PAGE_SIZE = 200
SLIPS_PER_PAGE = 120
NAMED_WITHOUT_ACCOUNT = 10


@GET_OR_POST
@login_required
def voters(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the voters with their accounts, and give more people the right."""
    round_ = kept_round_or_404(request, pk)
    reason = why_not(request, round_, "voters")
    congress, day = round_.congress, round_.held_on
    choices = {"circles": electorate.circles(congress, day), "seats": electorate.people(congress, day)}
    form, status = VotersForm(**choices), 200
    if request.method == "POST" and reason:
        return refused(request, round_, reason)
    if request.method == "POST":
        form, status = VotersForm(request.POST, **choices), 422
        if form.is_valid():
            data = form.cleaned_data
            chosen = electorate.chosen(congress, day, keys=data["circles"], seats=[int(pk) for pk in data["seats"]])
            new, status, _ = attempt(
                form,
                lambda: services.add_voters(round_id=pk, user=request.user, voters=chosen.users, now=timezone.now()),
            )
            if new is not None:
                _say(request, new, chosen)
                return HttpResponseRedirect(reverse("ratings:voters", args=[pk]))
    page = Paginator(queries.voters_of(round_), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "form": form,
        "page_obj": page,
        "querystring": "",
        "may_change": not reason,
        "begun": round_.state != RoundState.DRAFT,
    }
    return render(request, "ratings/voters.html", context, status=status)


def _say(request: HttpRequest, new: int, chosen: electorate.Chosen) -> None:
    messages.success(request, f"增加了 {new} 名测评人。" if new else "所选的人都已经是测评人。")
    if without := chosen.without_account:
        more = "等" if len(without) > NAMED_WITHOUT_ACCOUNT else ""
        messages.warning(
            request,
            f"{'、'.join(without[:NAMED_WITHOUT_ACCOUNT])}{more} {len(without)} 名代表没有可用的账号，不能登录投票，"
            "请发给票码或者纸质票。",
        )


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the right of those who are ticked."""
    round_ = kept_round_or_404(request, pk)
    ticked = [int(key) for key in request.POST.getlist("voter") if key.isascii() and key.isdecimal() and len(key) < 18]
    try:
        gone = services.remove_voters(round_id=pk, user=request.user, voter_ids=ticked, now=timezone.now())
    except RatingRound.DoesNotExist as error:
        raise Http404 from error
    except UnableToAct as error:
        return refused(request, round_, str(error))
    if gone:
        messages.success(request, f"去掉了 {gone} 名测评人。")
    else:
        messages.warning(request, "没有勾选测评人，没有改动。")
    return HttpResponseRedirect(reverse("ratings:voters", args=[pk]))


@GET_OR_POST
@login_required
def codes(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many ballot codes there are, and make more."""
    round_ = kept_round_or_404(request, pk)
    if reason := why_not(request, round_, "codes"):
        return refused(request, round_, reason)
    form, status = CodesForm(initial={"number": 30}), 200
    if request.method == "POST":
        form, status = CodesForm(request.POST), 422
        if form.is_valid():
            number = form.cleaned_data["number"]
            all_, status, _ = attempt(
                form,
                lambda: services.issue_codes(round_id=pk, user=request.user, number=number, now=timezone.now()),
            )
            if all_:
                messages.success(request, f"增加了 {number} 个票码，共 {all_} 个，可以打印。")
                return HttpResponseRedirect(reverse("ratings:codes", args=[pk]))
    rows = round_.voters.exclude(code="")
    context = {
        "form": form,
        "round": round_,
        "codes_count": rows.count(),
        "used_count": rows.filter(has_voted=True).count(),
    }
    return render(request, "ratings/codes.html", context, status=status)


@require_safe
@login_required
def codes_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the unused codes as slips to print and cut, some sheets at a time: pictures take their time.

    A page stands for the same codes whatever is used meanwhile, so that no slip is printed twice or left out.
    """
    round_ = kept_round_or_404(request, pk)
    if reason := why_not(request, round_, "codes"):
        return refused(request, round_, reason)
    page = Paginator(round_.voters.exclude(code=""), SLIPS_PER_PAGE).get_page(request.GET.get("page"))
    slips = []
    for voter in page:
        if not voter.has_voted:
            address = request.build_absolute_uri(reverse("ballot:vote", args=[voter.code]))
            slips.append({"code": voter.code_label, "picture": picture(address)})
    context = {
        "round": round_,
        "page_obj": page,
        "slips": slips,
        "back": reverse("ratings:codes", args=[pk]),
        "entrance": request.build_absolute_uri(reverse("ballot:enter")),
    }
    answer = render(request, "ratings/codes_print.html", context)
    return taken(answer, what=f"测评码（打印） {round_.title}", rows=len(slips))
