"""Forms of rating rounds: parse, nothing more."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from ratings.models import Audience, Level, PaperEntry, RatingRound, Subject
from ratings.presets import SCALES
from ratings.rules import MOST_BALLOTS, MOST_CODES
from ratings.services import NewSubject, Tick

if TYPE_CHECKING:
    from deputies.models import Seat

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# Columns pasted from a sheet come with tabs; by hand people type a bar.
_PARTS = re.compile(r"[\t|｜]")


class PlainForm(forms.Form):
    """A form of the workbench: the version of the page comes along."""

    version = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @property
    def seen_version(self) -> int:
        """The version that the user saw; a page that tells none is stale."""
        version = self.cleaned_data.get("version")
        return -1 if version is None else version


class RoundForm(PlainForm):
    """What a round is about."""

    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label="名称", max_length=200, help_text="如：2026年重点建议办理情况评议")
    purpose = forms.CharField(label="事由", max_length=200, required=False, help_text="会议或者依据，印在结果上面")
    held_on = forms.DateField(label="测评日期", widget=DATE)
    subjects = forms.CharField(
        label="测评对象",
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一个，可以从 Excel 粘贴；说明写在名称后面，用竖线或制表符隔开，如：县教育局｜承办 12 件",
    )
    scale = forms.ChoiceField(label="等次", widget=forms.RadioSelect)
    with_abstention = forms.BooleanField(
        label="可以选“弃权”", required=False, help_text="弃权计入收回的票数，不计入比率和平均分"
    )
    secrecy = forms.ChoiceField(
        label="记名方式",
        choices=[
            ("named", "记名：代表工委可以查看谁投了什么"),
            ("secret", "无记名：系统只记各项合计，结束之前谁也看不到结果"),
        ],
        widget=forms.RadioSelect,
    )
    allows_blank = forms.BooleanField(label="可以有不填的项", required=False)
    allows_remarks = forms.BooleanField(label="每个对象可以写意见", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scale"].choices = [(code, f"{row.label}（{row.explained}）") for code, row in SCALES.items()]

    @classmethod
    def blank(cls) -> RoundForm:
        """Return the empty form of a new round."""
        day = timezone.localdate()
        return cls(initial={"request_key": uuid.uuid4(), "held_on": day, "scale": "satisfaction", "secrecy": "named"})

    @classmethod
    def of(cls, round_: RatingRound) -> RoundForm:
        """Return the form as a round has it. Two queries."""
        lines = ("｜".join(filter(None, [row.name, row.note])) for row in round_.subjects.all())
        return cls(
            initial={
                "version": round_.version,
                "title": round_.title,
                "purpose": round_.purpose,
                "held_on": round_.held_on,
                "subjects": "\n".join(lines),
                "scale": round_.scale,
                "with_abstention": round_.levels.filter(is_abstention=True).exists(),
                "secrecy": "secret" if round_.is_secret else "named",
                "allows_blank": round_.allows_blank,
                "allows_remarks": round_.allows_remarks,
            }
        )

    def clean_subjects(self) -> list[NewSubject]:
        """Read one subject per line; blank lines do not count."""
        found = []
        for line in self.cleaned_data["subjects"].splitlines():
            name, *rest = (part.strip() for part in _PARTS.split(line))
            note = " ".join(filter(None, rest))
            if not name and not note:
                continue
            if not name or len(name) > 200 or len(note) > 300:
                raise forms.ValidationError(f"“{line.strip()[:30]}”：名称不能空，最多 200 字，说明最多 300 字。")
            found.append(NewSubject(name, note))
        return found

    @property
    def given(self) -> dict[str, Any]:
        """What the services take of a valid form."""
        data = dict(self.cleaned_data)
        data.pop("version")
        data.pop("request_key")
        return data | {"scale": SCALES[data["scale"]], "is_secret": data.pop("secrecy") == "secret"}


class SeatCheckboxes(forms.CheckboxSelectMultiple):
    """Deputies, found by pinyin initials and delegation too."""

    search: dict[str, str]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the option with its words for the search."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-search"] = self.search.get(str(value), "")
        return option


class VotersForm(PlainForm):
    """Who may vote."""

    circles = forms.MultipleChoiceField(label="成批选定", required=False, widget=forms.CheckboxSelectMultiple)
    seats = forms.MultipleChoiceField(label="逐个选定代表", required=False, widget=SeatCheckboxes)

    def __init__(self, *args: Any, circles: Sequence[tuple[str, str]], seats: Sequence[Seat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["circles"].choices = circles
        self.fields["seats"].choices = [(str(row.pk), f"{row.person.name}（{row.delegation.name}）") for row in seats]
        self.fields["seats"].widget.search = {
            str(row.pk): f"{row.person.initials} {row.delegation.name}" for row in seats
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not data.get("circles") and not data.get("seats"):
            raise forms.ValidationError("请选定测评人。")
        return data


class CodesForm(PlainForm):
    """How many ballot codes more."""

    number = forms.IntegerField(label="印发张数", min_value=1, max_value=MOST_CODES)


class PublishForm(PlainForm):
    """To whom the result is made known."""

    audience = forms.ChoiceField(label="公布范围", choices=Audience.choices, widget=forms.RadioSelect)


class CodeForm(PlainForm):
    """A code typed from paper."""

    code = forms.CharField(label="票码", max_length=40, help_text="印在票上的 8 位字母和数字")


class VoteForm(PlainForm):
    """One voter's ballot: a choice for every subject, a remark where the round allows."""

    def __init__(
        self, *args: Any, round_: RatingRound, subjects: Sequence[Subject], levels: Sequence[Level], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(level.pk), level.label) for level in levels]
        self.subjects = subjects
        for place, subject in enumerate(subjects, start=1):
            self.fields[f"s{subject.pk}"] = forms.ChoiceField(
                label=f"{place}. {subject.name}",
                choices=choices,
                required=not round_.allows_blank,
                widget=forms.RadioSelect,
                error_messages={"required": "请选择一项。"},
                help_text="",
            )
            if round_.allows_remarks:
                self.fields[f"r{subject.pk}"] = forms.CharField(
                    label=f"对“{subject.name}”的意见（可以不填）",
                    required=False,
                    max_length=500,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The subjects with their fields."""
        return [
            {
                "subject": subject,
                "choice": self[f"s{subject.pk}"],
                "remark": self[f"r{subject.pk}"] if f"r{subject.pk}" in self.fields else None,
            }
            for subject in self.subjects
        ]

    @property
    def ticks(self) -> dict[int, Tick]:
        """What ``cast_vote`` takes of a valid form."""
        data = self.cleaned_data
        return {
            row.pk: Tick(int(data[f"s{row.pk}"]) if data[f"s{row.pk}"] else None, data.get(f"r{row.pk}", ""))
            for row in self.subjects
        }


class PaperForm(PlainForm):
    """What so many paper ballots say."""

    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    ballots = forms.IntegerField(label="收回纸质票", min_value=0, max_value=MOST_BALLOTS)
    note = forms.CharField(label="备注", max_length=200, required=False, help_text="如：第一会场；更正的写明原因")

    def __init__(self, *args: Any, subjects: Sequence[Subject], levels: Sequence[Level], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subjects, self.levels = subjects, levels
        for subject in subjects:
            for level in levels:
                self.fields[f"n{subject.pk}-{level.pk}"] = forms.IntegerField(
                    label=f"{subject.name}：{level.label}",
                    required=False,
                    min_value=0,
                    max_value=MOST_BALLOTS,
                    widget=forms.NumberInput(
                        attrs={"aria-label": f"{subject.name}：{level.label}", "inputmode": "numeric"}
                    ),
                )

    @classmethod
    def initial_of(cls, entry: PaperEntry) -> dict[str, Any]:
        """Return what a correction begins with. One query."""
        counts = {f"n{row.subject_id}-{row.level_id}": row.number for row in entry.counts.all()}
        return {"ballots": entry.ballots, "note": entry.note} | counts

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The grid: subjects down, levels across."""
        return [
            {"subject": subject, "cells": [self[f"n{subject.pk}-{level.pk}"] for level in self.levels]}
            for subject in self.subjects
        ]

    @property
    def counts(self) -> dict[tuple[int, int], int]:
        """What ``enter_paper_tally`` takes of a valid form."""
        return {
            (subject.pk, level.pk): self.cleaned_data[f"n{subject.pk}-{level.pk}"] or 0
            for subject in self.subjects
            for level in self.levels
        }
