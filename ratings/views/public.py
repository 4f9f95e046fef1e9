"""The ballot of guests (群众代表): no account, a code on paper that is good for one vote."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from ratings import limits
from ratings.codes import read_code
from ratings.forms import CodeForm
from ratings.models import RoundState, Voter
from ratings.views.acting import GET_OR_POST
from ratings.views.voting import ballot_page

UNKNOWN = "没有这个票码，请核对后再输入；仍然不行的，请找现场工作人员。"
TOO_MANY = "输错的次数太多，请等一分钟再试，或者找现场工作人员。"


@GET_OR_POST
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _at(request, form.cleaned_data["code"], form)
    return _page(request, form, status=200 if request.method != "POST" else 422)


@GET_OR_POST
@never_cache
def vote(request: HttpRequest, code: str) -> HttpResponse:
    """Show the ballot of a code, or take it."""
    wanted = read_code(code)
    voter = _find(request, wanted)
    if isinstance(voter, HttpResponse):
        return voter
    if code != wanted and request.method != "POST":
        return HttpResponseRedirect(reverse("ballot:vote", args=[wanted]))
    return ballot_page(
        request,
        voter.round,
        voter,
        right={"code": wanted},
        here=reverse("ballot:vote", args=[wanted]),
        extra={"is_guest": True, "code_label": voter.code_label},
    )


def _at(request: HttpRequest, typed: str, form: CodeForm) -> HttpResponse:
    code = read_code(typed)
    found = _find(request, code, form)
    return found if isinstance(found, HttpResponse) else HttpResponseRedirect(reverse("ballot:vote", args=[code]))


def _find(request: HttpRequest, code: str, form: CodeForm | None = None) -> Voter | HttpResponse:
    """Return the right to vote of a code, or the page that refuses it. Codes of rounds in preparation are not known yet.

    The limit by address is for wrong codes alone: a hall full of guests votes behind one, and whoever types rubbish
    there shuts nobody out. That a guess is let in past the limit helps no guesser: there are 31^8 codes.
    """
    voters = Voter.objects.exclude(round__state=RoundState.DRAFT).select_related("round__congress")
    found = voters.filter(code=code).first() if code else None
    if found is not None:
        return found
    if form is None:
        form = CodeForm({"code": code})
        form.is_valid()
    if limits.is_exhausted(request):
        form.add_error(None, TOO_MANY)
        return _page(request, form, status=429)
    limits.count_wrong(request)
    form.add_error(None, UNKNOWN)
    return _page(request, form, status=404)


def _page(request: HttpRequest, form: CodeForm, *, status: int) -> HttpResponse:
    return render(request, "ratings/enter.html", {"form": form, "is_guest": True}, status=status)
