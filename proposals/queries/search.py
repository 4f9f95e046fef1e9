"""Search in the list: by number, by any words of title and text, by people and units."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import Q, QuerySet

from bodies.models import Unit
from deputies.models import Person
from proposals.models import Assignment, Cosignature, Proposal, ProposalQuerySet, SearchText

LONGEST = 100  # signs that are looked for; nobody types more
WORDS = 8
NUMBER = re.compile(r"(第|收件)?([0-9]{1,9})号?")


def words_of(text: str) -> list[str]:
    """Return what is looked for: the words of what was typed, in small letters of one width, without spaces."""
    plain = unicodedata.normalize("NFKC", text.replace("\x00", "")[:LONGEST]).lower()
    return list(dict.fromkeys(plain.split()))[:WORDS]


def search(rows: ProposalQuerySet, text: str) -> ProposalQuerySet:
    """Return the proposals in which every word of what was typed is found.

    A word is looked for in title and text, in the names of lead deputy, co-signers and units in charge (with their
    other names and pinyin initials), and as a number: 12, 第12号, 收件3号. Any text may be typed.
    """
    for word in words_of(text):
        rows = rows.filter(pk__in=_in_text(word).union(*_by_number(word), *_by_deputy(word), _by_unit(word)))
    return rows


def _in_text(word: str) -> QuerySet:
    """Every two neighbouring signs of the word are looked up in an index; what is found is read again."""
    pairs = {word[i : i + 2] for i in range(max(1, len(word) - 1))}
    found = SearchText.objects.filter(grams__contains=sorted(pairs))
    if len(word) > 2:
        found = found.filter(text__contains=word)
    return found.values("pk")


def _by_number(word: str) -> list[QuerySet]:
    match = NUMBER.fullmatch(word)
    if match is None:
        return []
    kind, number = match[1], int(match[2])
    # Before registration lists show the receipt number.
    unnumbered = Q(receipt_no=number, number__isnull=True)
    wanted = {"第": Q(number=number), "收件": Q(receipt_no=number), None: Q(number=number) | unnumbered}[kind]
    return [Proposal.objects.filter(wanted).order_by().values("pk")]


def _by_deputy(word: str) -> list[QuerySet]:
    named = Q(name__icontains=word)
    if word.isascii() and word.isalpha():
        named |= Q(initials__startswith=word)
    people = Person.objects.filter(named).order_by().values("pk")
    return [
        Proposal.objects.filter(lead__person__in=people).order_by().values("pk"),
        Cosignature.objects.signed().filter(seat__person__in=people).order_by().values("proposal"),
    ]


def _by_unit(word: str) -> QuerySet:
    named = Q(name__icontains=word) | Q(aliases__alias__icontains=word)
    if word.isascii() and word.isalpha():
        named |= Q(initials__contains=word)
    units = Unit.objects.filter(named).order_by().values("pk")
    return Assignment.objects.in_force().filter(unit__in=units).order_by().values("round__proposal")
