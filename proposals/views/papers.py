"""Papers to download and print: the reply letter, the catalogue, the hand-over list."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.registers import PRINTED_ROWS
from audit.services import taken
from bodies.models import Level
from proposals.models import (
    ExtensionRequest,
    InPersonReply,
    Period,
    ProposalKind,
    Reply,
    RequestState,
    ReturnRequest,
)
from proposals.papers import catalogue as lists
from proposals.papers.catalogue import CATALOGUE_COLUMNS, HANDOVER_COLUMNS, Heading, Meeting
from proposals.papers.forms import FEEDBACK_FORM, extension_request, feedback_form, in_person_record, return_request
from proposals.papers.letter import letter, title_of
from proposals.papers.official import WORD, chinese_date
from proposals.papers.reading import STATES, Choices, choices_of, entries_of, listed, totals_of
from proposals.papers.records import about_of, facts_of, visible_record, visible_reply, visible_request
from proposals.papers.wording import commission_of, place_of, session_pieces

if TYPE_CHECKING:
    from django.http import QueryDict

    from bodies.models import Session
    from proposals.models import ProposalQuerySet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS = (Role.STAFF, Role.LEADER, Role.GOV_OFFICE)
SHOWN_ROWS = 500
CATALOGUE, HANDOVER = "catalogue", "handover"
LISTS = {CATALOGUE: "目录", HANDOVER: "交办清单"}
NAMES = {"": "议案建议", ProposalKind.SUGGESTION: "建议", ProposalKind.BILL: "议案"}
NOTHING = "没有符合条件的件，没有生成文件。请换一些条件。"
TOO_MANY = f"超过 {PRINTED_ROWS} 件，Word 表格太长。请加上筛选条件分几次下载，或者下载 Excel。"


class ChoiceForm(forms.Form):
    """What the lists are narrowed to. What is no choice is dropped: an old link still shows a list.

    Who asks for nothing gets the latest session.
    """

    session = forms.ChoiceField(label="会次", required=False)
    year = forms.ChoiceField(label="年份", required=False)
    form = forms.ChoiceField(label="类型", required=False)
    period = forms.ChoiceField(label="时期", required=False)
    state = forms.ChoiceField(label="状态", required=False)
    category = forms.ChoiceField(label="类别", required=False)

    def __init__(self, data: QueryDict, choices: Choices):
        known = {
            "session": [(str(row.pk), str(row)) for row in choices.sessions],
            "year": [(str(year), f"{year}年") for year in choices.years],
            "form": ProposalKind.choices,
            "period": Period.choices,
            "state": list(STATES.items()),
            "category": [(str(pk), name) for pk, name in choices.categories],
        }
        data = data.copy()
        if "session" not in data and not data.get("year") and choices.sessions:
            data["session"] = str(choices.sessions[0].pk)
        for name, options in known.items():
            if data.get(name) not in dict(options):
                data[name] = ""
        super().__init__(data, label_suffix="")
        for name, options in known.items():
            self.fields[name].choices = [("", f"全部{self.fields[name].label}"), *options]

    @property
    def chosen(self) -> dict[str, str]:
        """Return what was chosen, by field."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}

    @property
    def words(self) -> dict[str, str]:
        """Return what was chosen as people read it."""
        return {name: dict(self.fields[name].choices)[value] for name, value in self.chosen.items()}


class MeetingForm(forms.Form):
    """When and where the hand-over meeting is held."""

    held_on = forms.DateField(
        label="交办会日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    place = forms.CharField(label="地点", required=False, max_length=100)


@dataclass(frozen=True)
class Asked:
    """What an address of the lists asks for."""

    form: ChoiceForm
    rows: ProposalQuerySet
    which: str
    heading: Heading

    def query(self, **more: str) -> str:
        """Return the conditions as a query; what was left open stays open."""
        which = {"list": self.which} if self.which != CATALOGUE else {}
        return urlencode({"session": ""} | self.form.chosen | which | more)

    @property
    def name(self) -> str:
        """Return the name of a file of the list."""
        return f"{self.heading.title} {self.heading.day}"


def _asked(request: HttpRequest) -> Asked:
    """Read the address. Raises Http404 for those whom the lists are not for."""
    if not request.user.has_role(*READERS):
        raise Http404
    choices = choices_of(request.user)
    form = ChoiceForm(request.GET, choices)
    which = request.GET.get("list")
    which = which if which in LISTS else CATALOGUE
    rows = listed(request.user, form.chosen)
    congress = request.user.hat.congress.name
    session = next((row for row in choices.sessions if str(row.pk) == form.chosen.get("session")), None)
    heading = Heading(
        title=_title(congress, session, form, which),
        conditions="，".join(words for name, words in form.words.items() if name not in _in_title(form)),
        totals=totals_of(rows),
        author=congress,
        day=timezone.localdate(),
    )
    return Asked(form, rows, which, heading)


def _in_title(form: ChoiceForm) -> tuple[str, ...]:
    return ("session", "form") if "session" in form.chosen else ("year", "form")


def _title(congress: str, session: Session | None, form: ChoiceForm, which: str) -> str:
    where = place_of(congress) + form.words.get("year", "")
    if session:
        where = "".join(
            session_pieces(congress=congress, term=session.term.name, session=session.name, is_recess=False)
        )
    return f"{where}{NAMES[form.chosen.get('form', '')]}{'交办会交办清单' if which == HANDOVER else '目录'}"


@login_required
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show the catalogue or the hand-over list as a table; with ``print`` in the address as a page for paper."""
    asked = _asked(request)
    on_paper = "print" in request.GET
    limit = PRINTED_ROWS if on_paper else SHOWN_ROWS
    entries = entries_of(asked.rows, limit=limit)
    is_handover = asked.which == HANDOVER
    meeting = MeetingForm(request.GET if is_handover else None, label_suffix="")
    context: dict[str, Any] = {
        "heading": asked.heading,
        "body": request.user.hat.congress,
        "columns": HANDOVER_COLUMNS if is_handover else CATALOGUE_COLUMNS,
        "lines": list(lists.handover_lines(entries) if is_handover else map(lists.catalogue_row, entries)),
        "limit": limit if asked.heading.totals.all > limit else 0,
        "about": _meeting(meeting).about if is_handover else "",
    }
    if on_paper:
        return render(request, "proposals/papers_print.html", context | {"back": f"?{asked.query()}"})
    context |= {
        "is_handover": is_handover,
        "views": [
            {"label": label, "url": f"?{asked.query(list=code)}", "active": code == asked.which}
            for code, label in LISTS.items()
        ],
        "filter_form": asked.form,
        "keep": _pairs({"list": asked.which} if is_handover else {}),
        "kept": _pairs({"session": ""} | asked.form.chosen | {"list": asked.which}),
        "meeting_form": meeting,
        "files": [
            {"label": f"下载 {label}", "url": f"{reverse('proposals:catalogue-file')}?{asked.query(format=code)}"}
            for code, label in (("xlsx", "Excel"), ("docx", "Word"))
        ],
        "print_url": f"?{asked.query(print='1')}",
    }
    return render(request, "proposals/papers.html", context)


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _meeting(form: MeetingForm) -> Meeting:
    """Return what is known of the meeting; a date that is none is left out."""
    known = form.cleaned_data if form.is_valid() else getattr(form, "cleaned_data", {})
    return Meeting(held_on=known.get("held_on"), place=known.get("place", ""))


@login_required
@require_safe
def catalogue_file(request: HttpRequest) -> HttpResponse:
    """Give the list that the address asks for as a workbook or a Word file: all rows that its conditions find."""
    asked = _asked(request)
    kind = request.GET.get("format")
    if kind not in ("xlsx", "docx"):
        raise Http404
    number = asked.heading.totals.all
    if not number or (kind == "docx" and number > PRINTED_ROWS):
        messages.error(request, TOO_MANY if number else NOTHING)
        return HttpResponseRedirect(f"{reverse('proposals:catalogue')}?{asked.query()}")
    meeting = _meeting(MeetingForm(request.GET, label_suffix=""))
    entries = entries_of(asked.rows)
    if kind == "docx":
        if asked.which == HANDOVER:
            return word_file(lists.handover_word(entries, asked.heading, meeting), asked.name, rows=number)
        return word_file(lists.catalogue_word(entries, asked.heading), asked.name, rows=number)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        if asked.which == HANDOVER:
            lists.handover_book(entries, asked.heading, meeting, file)
        else:
            lists.catalogue_book(entries, asked.heading, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{fit_for_file(asked.name)}.xlsx", content_type=XLSX)
    return taken(answer, what=asked.name, rows=number)


@login_required
@require_safe
def reply_letter(request: HttpRequest, pk: int, reply: int) -> HttpResponse:
    """Give the letter of a reply as a Word file."""
    try:
        facts = facts_of(visible_reply(request.user, pk, reply))
    except Reply.DoesNotExist as error:
        raise Http404 from error
    return word_file(letter(facts), "".join(title_of(facts)))


@login_required
@require_safe
def feedback_paper(request: HttpRequest, pk: int, reply: int) -> HttpResponse:
    """Give the form on which the deputies judge a reply, to print and fill in."""
    try:
        row = visible_reply(request.user, pk, reply)
    except Reply.DoesNotExist as error:
        raise Http404 from error
    proposal = row.assignment.round.proposal
    returned_to = commission_of(proposal.congress.name, is_township=proposal.congress.level == Level.TOWNSHIP)
    content = feedback_form(
        about_of(proposal, row.unit), document_no=row.document_no, replied_on=row.replied_on, returned_to=returned_to
    )
    return word_file(content, f"{FEEDBACK_FORM} {proposal.display_no}")


@login_required
@require_safe
def in_person_paper(request: HttpRequest, pk: int, record: int) -> HttpResponse:
    """Give the record of a reply given face to face, to be signed."""
    try:
        row = visible_record(request.user, pk, record)
    except InPersonReply.DoesNotExist as error:
        raise Http404 from error
    proposal = row.assignment.round.proposal
    content = in_person_record(
        about_of(proposal, row.assignment.unit),
        held_on=row.held_on,
        place=row.place,
        unit_people=row.unit_people,
        deputies=row.deputies,
        minutes=row.minutes,
    )
    return word_file(content, f"当面答复记录 {proposal.display_no}")


@login_required
@require_safe
def return_paper(request: HttpRequest, pk: int, asked: int) -> HttpResponse:
    """Give a unit's request to be relieved of an item, to be signed and sealed."""
    try:
        row = visible_request(ReturnRequest, request.user, pk, asked)
    except ReturnRequest.DoesNotExist as error:
        raise Http404 from error
    proposal = row.assignment.round.proposal
    content = return_request(
        about_of(proposal, row.assignment.unit),
        assigned_on=row.assignment.assigned_on,
        reason=row.reason,
        suggested_unit=row.suggested_unit.name if row.suggested_unit else "",
        signed_by=row.signed_by,
        asked_on=timezone.localdate(row.requested_at),
        decision=_decision(row),
    )
    return word_file(content, f"退办申请表 {proposal.display_no}")


@login_required
@require_safe
def extension_paper(request: HttpRequest, pk: int, asked: int) -> HttpResponse:
    """Give a unit's request for a later date, to be signed and sealed."""
    try:
        row = visible_request(ExtensionRequest, request.user, pk, asked)
    except ExtensionRequest.DoesNotExist as error:
        raise Http404 from error
    proposal = row.assignment.round.proposal
    content = extension_request(
        about_of(proposal, row.assignment.unit),
        due_before=row.due_before,
        wanted_until=row.wanted_until,
        reason=row.reason,
        signed_by=row.signed_by,
        asked_on=timezone.localdate(row.requested_at),
        decision=_decision(row),
        granted_until=row.granted_until,
    )
    return word_file(content, f"延期申请表 {proposal.display_no}")


def _decision(row: ReturnRequest | ExtensionRequest) -> str:
    """Return what was decided in words; nothing while it waits."""
    if row.state == RequestState.WAITING:
        return ""
    day = chinese_date(timezone.localdate(row.decided_at)) if row.decided_at else ""
    return "\n".join(filter(None, [f"{row.get_state_display()}。", row.decision_note, day]))


def word_file(content: bytes, name: str, *, rows: int = 1) -> HttpResponse:
    """Return a Word file of so many rows to save under a name, which no cache keeps."""
    answer = HttpResponse(content, content_type=WORD)
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{fit_for_file(name)}.docx"
    )
    answer["Cache-Control"] = "private, no-store"
    return taken(answer, what=name, rows=rows)


def fit_for_file(name: str) -> str:
    """Return the name without what no file system takes, at most 80 characters long."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "", name)[:80].strip() or "答复函"
