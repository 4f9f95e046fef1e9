"""Rounds as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone

from ratings import queries
from ratings.models import Level, RatingRound, RightsChange, RoundState
from ratings.queries import RoundResult, SubjectResult, percent
from ratings.rules import share

if TYPE_CHECKING:
    from ratings.rules import Ability

POSTED = {
    "open": ("现在开始测评？", "测评人会收到通知；开始以后对象、等次和记名方式不能再改。"),
    "close": ("现在结束测评？", "结束以后不能再投票，也不能再录入纸质票。"),
    "delete": ("删除这次测评？", "测评对象、测评人和票码一并删除，不能恢复。"),
}
PRIMARY = ("vote", "open", "publish")


def facts(round_: RatingRound, levels: Sequence[Level]) -> list[dict[str, Any]]:
    """Return what a round is, for its page."""
    rows = [
        ("测评日期", f"{round_.held_on:%Y-%m-%d}"),
        ("记名方式", "无记名" if round_.is_secret else "记名"),
        ("事由", round_.purpose),
        ("等次", "／".join(level.label for level in levels)),
        ("不填的项", "可以" if round_.allows_blank else "不可以"),
        ("书面意见", "可以写" if round_.allows_remarks else "不收"),
        ("开始", _moment(round_.opened_at)),
        ("结束", _moment(round_.closed_at)),
        ("公布", f"{_moment(round_.published_at)}，{round_.get_audience_display()}" if round_.published_at else ""),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def actions(round_: RatingRound, open_acts: Mapping[str, Ability]) -> list[dict[str, Any]]:
    """Return the buttons of a round's page."""
    return [
        {
            "code": act.code,
            "label": act.label,
            "url": reverse(f"ratings:{act.code}", args=[round_.pk]),
            "method": "post" if act.code in POSTED else "get",
            "allowed": act.allowed,
            "reason": act.reason,
            "primary": act.code in PRIMARY,
            "danger": act.code == "delete",
            "confirm": POSTED.get(act.code, ("", ""))[0],
            "confirm_detail": POSTED.get(act.code, ("", ""))[1],
        }
        for act in open_acts.values()
    ]


def turnout(round_: RatingRound) -> dict[str, Any]:
    """Return how many may vote and how many have, by account, code and paper: no more than that. Two queries."""
    codes = ~Q(code="")
    counts = round_.voters.aggregate(
        users=Count("pk", filter=~codes),
        users_voted=Count("pk", filter=~codes & Q(has_voted=True)),
        codes=Count("pk", filter=codes),
        codes_voted=Count("pk", filter=codes & Q(has_voted=True)),
    )
    paper = queries.entries_in_force(round_).aggregate(n=Sum("ballots"))["n"] or 0
    begun = round_.state != RoundState.DRAFT
    return counts | {"paper": paper, "begun": begun, "cast": counts["users_voted"] + counts["codes_voted"] + paper}


def rights_changes(round_: RatingRound, turnout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return who gave rights to vote or took them back while the round was open, newest first; what it opened with last.

    Empty where nothing was changed. One query.
    """
    rows = list(round_.rights_changes.select_related("changed_by").order_by("-pk"))
    if not rows:
        return []
    users, codes = (turnout[name] - sum(getattr(row, name) for row in rows) for name in ("users", "codes"))
    lines = [{"at": row.changed_at, "sentence": f"{row.changed_by}{_change(row)}"} for row in rows]
    began = f"{round_.opened_by}开始测评：测评人 {users} 人，票码 {codes} 张"
    return [*lines, {"at": round_.opened_at, "sentence": began}]


def _change(row: RightsChange) -> str:
    if row.codes:
        return f"增加票码 {row.codes} 张"
    return f"增加测评人 {row.users} 人" if row.users > 0 else f"去掉测评人 {-row.users} 人：{row.names}"


def result_rows(
    result: RoundResult, rows: Sequence[SubjectResult], *, urls: Mapping[str, str], opens: bool
) -> list[dict]:
    """Return the subjects' figures with their bars; ``opens``: figures lead to who voted so."""
    return [_result_row(result, row, urls.get(row.subject.object_key, ""), opens=opens) for row in rows]


def _result_row(result: RoundResult, row: SubjectResult, url: str, *, opens: bool) -> dict[str, Any]:
    here = reverse("ratings:ballots", args=[result.round.pk])
    whole = row.tally.ballots
    pieces, offset = [], 0.0
    numbers = [(one.level.label, one.number) for one in row.levels] + [("未填", row.tally.blank)]
    for tone, (label, number) in enumerate(numbers, start=1):
        if number:
            width = 100 * number / whole
            pieces.append(
                {
                    "label": label,
                    "number": number,
                    "tone": "blank" if label == "未填" else min(tone, 5),
                    "x": round(offset, 3),
                    "width": round(width, 3),
                    "middle": round(offset + width / 2, 3),
                    "is_wide": width >= 9,
                }
            )
            offset += width
    return {
        "subject": row.subject,
        "url": url,
        "cells": [
            {
                "label": one.level.label,
                "number": one.number,
                "paper": one.paper,
                "url": f"{here}?subject={row.subject.pk}&level={one.level.pk}" if opens and one.phone else "",
            }
            for one in row.levels
        ],
        "tally": row.tally,
        "rate": percent(row.tally.rate),
        "rank": row.rank,
        "pieces": pieces,
        "remarks": row.remarks,
        "spoken": "，".join(f"{piece['label']} {piece['number']} 票" for piece in pieces),
    }


def legend(result: RoundResult) -> list[dict[str, Any]]:
    """Return what each pattern of the bars means, with all votes together."""
    rows = [
        {"label": level.label, "tone": min(tone, 5), "number": number}
        for tone, (level, number) in enumerate(zip(result.levels, result.sums, strict=True), start=1)
    ]
    rows.append({"label": "未填", "tone": "blank", "number": result.total.blank})
    whole = result.total.ballots
    return [row | {"share": share(row["number"], whole)} for row in rows if row["number"] or row["tone"] != "blank"]
