"""What is decided on a step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

from proposals.forms.base import DATE, OPINION_LIMIT, PlainForm
from proposals.models import Category, NotRegisteredReason, Proposal
from proposals.services.reviewing import MEETING_LENGTH, NATURE_LENGTH, goes_back, refuses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.forms import BoundField

    from accounts.models import User
    from casework.models import Outcome

NUMBER = re.compile(r"\s*第?\s*([0-9]{1,9})\s*号?\s*", re.ASCII)
CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
NATURES = ("当年", "多年重复", "重点")
# What a step may demand that is written on the page itself, by its code.
ASKED = {"category": ["category"], "nature": ["nature"], "meeting": ["meeting", "met_on"], "review_note": []}


class OutcomeField(forms.ChoiceField):
    """An outcome; the service knows whether the step that the case has come to meanwhile still has it."""

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or CODE.fullmatch(value) is not None


class ReviewForm(PlainForm):
    """The decision on a step: one of its outcomes, and what the step or the outcome asks for.

    ``outcomes`` are those of the step, with ``goes_to``. What neither asks for stands apart in the review
    (``others``), and is left out later on.
    """

    outcome = OutcomeField(
        label="结论",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结论。", "invalid_choice": "没有这个结论，请重新选择。"},
    )
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label="类别",
        required=False,
        empty_label="请选择",
        error_messages={"invalid_choice": "没有这个类别，请重新选择。"},
    )
    nature = forms.CharField(
        label="性质",
        required=False,
        max_length=NATURE_LENGTH,
        widget=forms.TextInput(attrs={"list": "natures", "autocomplete": "off"}),
        help_text="可以从列表中选，也可以自己填写。",
    )
    meeting = forms.CharField(
        label="会议名称", required=False, max_length=MEETING_LENGTH, help_text="如：第二十三次主任会议"
    )
    met_on = forms.DateField(label="会议日期", required=False, widget=DATE)
    not_registered_reason = forms.ChoiceField(
        label="不予立案的理由",
        required=False,
        choices=[("", "请选择"), *NotRegisteredReason.choices],
        error_messages={"invalid_choice": "没有这个理由，请重新选择。"},
    )
    merge_into = forms.ModelChoiceField(
        Proposal.objects.none(),
        label="并入哪一件",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "没有找到这一件，请重新选择，或者填写编号。"},
    )
    merge_number = forms.CharField(label="编号", required=False, max_length=20)
    reason = forms.CharField(
        label="说明", required=False, max_length=OPINION_LIMIT, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, proposal: Proposal, outcomes: Iterable[Outcome], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        step = proposal.step
        required = step.required if step else []
        self.outcomes = {outcome.code: outcome for outcome in outcomes}
        self.asked = [name for code in required for name in ASKED.get(code, [])]
        self.in_review = bool(step and step.stage == "review")
        self.merges = "merge" in self.outcomes
        self.refuses = [code for code, outcome in self.outcomes.items() if refuses(outcome)]
        self.fields["category"].queryset = Category.objects.filter(congress=proposal.congress_id)
        self.fields["outcome"].choices = [(code, outcome.label) for code, outcome in self.outcomes.items()]
        if len(self.outcomes) == 1:
            self.fields["outcome"].widget = forms.HiddenInput()
        self._word_reason("review_note" in required)
        self._leave_out()
        if self.merges:
            others = Proposal.objects.visible_to(user).filter(congress=proposal.congress_id)
            self.fields["merge_into"].queryset = others.select_related("step")
            self.fields["merge_number"].help_text = f"{proposal.session}的编号，如 12。"

    def _word_reason(self, is_asked: bool) -> None:
        field = self.fields["reason"]
        back = [outcome.label for outcome in self.outcomes.values() if goes_back(outcome)]
        notes = []
        if is_asked:
            field.label = "说明意见"
            notes.append("这一步必须填写。")
        elif back:
            notes.append(f"选择{'、'.join(back)}时必填。")
        if any(outcome.goes_to and outcome.goes_to.stage == "submit" for outcome in self.outcomes.values()):
            notes.append("退回的理由会告知代表。")
        field.help_text = "".join(notes)

    def _leave_out(self) -> None:
        kept = {"version", "outcome", "reason", *self.asked}
        if self.in_review:
            kept |= {name for names in ASKED.values() for name in names}
        if self.refuses:
            kept.add("not_registered_reason")
        if self.merges:
            kept |= {"merge_into", "merge_number"}
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]

    def needed(self) -> list[BoundField]:
        """Return the fields that the step demands."""
        return [self[name] for name in self.asked]

    def others(self) -> list[BoundField]:
        """Return what may be written down in the review beside that."""
        known = [name for names in ASKED.values() for name in names]
        return [self[name] for name in known if name in self.fields and name not in self.asked]

    @property
    def others_wrong(self) -> bool:
        """Say whether something that stands apart must be corrected."""
        return any(field.errors for field in self.others())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        outcome = self.outcomes.get(data.get("outcome"))
        if outcome is None or self.seen_version != self.proposal.version:
            # Another step than the one that was seen: the service says who was first.
            return data
        if refuses(outcome) and not (data.get("not_registered_reason") or self.has_error("not_registered_reason")):
            self.add_error("not_registered_reason", f"{outcome.label}应当选择理由。")
        if goes_back(outcome) and not (data.get("reason") or self.has_error("reason")):
            why = "，代表才知道怎样修改" if outcome.goes_to.stage == "submit" else ""
            self.add_error("reason", f"{outcome.label}应当写明理由{why}。")
        if outcome.code == "merge":
            data["main"] = self._main(data)
        return data

    def _main(self, data: dict[str, Any]) -> Proposal | None:
        """Return the item to join: the one that was chosen, or the one with the number that was written."""
        chosen, written = data.get("merge_into"), data.get("merge_number", "")
        if self.has_error("merge_into") or self.has_error("merge_number"):
            return None
        if not written:
            if chosen is None:
                self.add_error("merge_into", "并案应当选择并入哪一件，或者填写编号。")
            return chosen
        number = NUMBER.fullmatch(written)
        session = self.proposal.session
        found = None
        if number:
            found = self.fields["merge_into"].queryset.filter(session=session, number=int(number[1])).first()
        if found is None:
            self.add_error("merge_number", f"{session}没有编号为「{written}」的件，请核对编号。")
        elif chosen is not None and chosen != found:
            self.add_error("merge_number", f"选中的是「{chosen}」，填写的编号是「{found}」，请只留一件。")
        return found

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given: what belongs to another outcome than the one chosen does not count."""
        data = self.cleaned_data
        outcome = self.outcomes.get(data["outcome"])
        given = {"outcome_code": data["outcome"], "reason": data["reason"]}
        if outcome is None:
            return given
        if refuses(outcome):
            return given | {"not_registered_reason": data["not_registered_reason"]}
        if not goes_back(outcome):
            names = [name for names in ASKED.values() for name in names if name in data]
            given |= {name: data[name] for name in names}
            given["merge_into"] = data.get("main")
        return given
