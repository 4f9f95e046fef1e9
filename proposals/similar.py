"""Similar items: earlier and current proposals on the same matter, found by their titles and ranked by a score."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramDistance
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Left
from rapidfuzz import fuzz

from proposals.models import Proposal

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress

CANDIDATES = 50
COMPARED_TEXT = 2_000  # signs: what a matter is about stands at its beginning
LOWEST = 15  # below this the titles share no more than chance gives
# Alike in order, alike in part, and in the pairs of signs they share; the text counts a fifth beside the title.
ORDER, PART, PAIRS = 0.5, 0.2, 0.3
TEXT = 0.2
# Words that say something only together with what is managed or built: a part of the score leaves them out.
VAGUE = re.compile("管理|建设|发展")
SUBJECT = 0.3


@dataclass(frozen=True)
class Similar:
    """A proposal that may be on the same matter, with a score from 0 to 100 (the same words)."""

    proposal: Proposal
    score: int


class _TitleKey(Func):
    """The title without what all titles say, as the database keeps it."""

    function = "proposals_title_key"
    output_field = TextField()


class _TitlePairs(Func):
    function = "proposals_title_pairs"
    output_field = TextField()


def similar(
    title: str, body: str = "", *, user: User, congress: Congress, exclude: int | None = None, limit: int = 5
) -> list[Similar]:
    """Return the proposals of a congress, visible to the user, that are most like a title and text, best first.

    ``exclude`` is the key of the proposal that is compared. What says nothing in titles (关于…的建议, 进一步, 加强)
    does not count. One query, which an index answers; the proposals come with session, step and lead deputy loaded.
    """
    title, body = title.replace("\x00", ""), body.replace("\x00", "")
    if not title.strip():
        return []
    key = _TitleKey(Value(title))
    found = (
        Proposal.objects.visible_to(user)
        .filter(congress=congress, search__isnull=False)
        .exclude(pk=exclude)
        .select_related("session__term", "step", "lead__person")
        .defer("body", "grounds", "plan")
        .annotate(
            key=F("search__title_key"),
            asked_key=key,
            beginning=Left("body", COMPARED_TEXT),
            distance=TrigramDistance("search__title_pairs", _TitlePairs(key)),
        )
        .order_by("distance")[:CANDIDATES]
    )
    body = body[:COMPARED_TEXT]
    ranked = [Similar(row, _score(row.asked_key, row.key, body, row.beginning)) for row in found]
    ranked.sort(key=lambda one: (-one.score, -one.proposal.pk))
    return [one for one in ranked if one.score >= LOWEST][:limit]


def _score(title: str, other_title: str, body: str, other_body: str) -> int:
    """Return how alike two titles and texts are; without a text on either side the titles alone count."""
    score = (1 - SUBJECT) * _alike(title, other_title) + SUBJECT * _alike(_subject(title), _subject(other_title))
    if body.strip() and other_body.strip():
        score = (1 - TEXT) * score + TEXT * fuzz.ratio(body, other_body)
    return round(score)


def _alike(key: str, other_key: str) -> float:
    plain, other_plain = key.replace(" ", ""), other_key.replace(" ", "")
    pairs, other_pairs = _pairs(key), _pairs(other_key)
    shared = 100 * len(pairs & other_pairs) / max(1, len(pairs | other_pairs))
    return ORDER * fuzz.ratio(plain, other_plain) + PART * fuzz.partial_ratio(plain, other_plain) + PAIRS * shared


def _subject(key: str) -> str:
    return " ".join(VAGUE.sub(" ", key).split()) or key


def _pairs(key: str) -> set[str]:
    """Return every two neighbouring signs of a key, and the words that are one sign."""
    return {word[i : i + 2] for word in key.split() for i in range(max(1, len(word) - 1))}
