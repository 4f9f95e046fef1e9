"""Forms of what a group's leader enters: parse, nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from duties.group_services import Deed
from duties.models import AttendanceState
from duties.presets import COSIGNED, LED
from duties.workbooks import CONTENT, PLACE, TOPIC, known_types
from workbooks.cleaners import CellError

if TYPE_CHECKING:
    from bodies.models import Congress
    from deputies.models import GroupMember

# The register of proposals writes these itself.
NOT_OFFERED = (LED, COSIGNED)


class DeedForm(forms.Form):
    """What was done; ``seen`` says what the page showed of a row that is corrected."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    done_on = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    type = forms.ChoiceField(label="类型")
    topic = forms.CharField(label="主题", max_length=TOPIC.max_length, help_text="一句话写明做了什么")
    place = forms.CharField(label="地点", max_length=PLACE.max_length, required=False)
    content = forms.CharField(
        label="内容",
        max_length=CONTENT.max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="可以写过程、发现的问题和提出的建议",
    )

    def __init__(self, *args: Any, congress: Congress, type_: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        names = [name for name in known_types(congress) if name not in NOT_OFFERED]
        # One that the office has renamed since stays what it is.
        self.fields["type"].choices = [(name, name) for name in dict.fromkeys([*names, *filter(None, [type_])])]
        self.fields["done_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name, cleaner in {"topic": TOPIC, "place": PLACE, "content": CONTENT}.items():
            if data.get(name):
                try:
                    data[name] = cleaner.clean(data[name])
                except CellError as error:
                    self.add_error(name, f"{error}。")
        if "topic" in data and not data["topic"]:
            self.add_error("topic", "请填写主题。")
        return data

    @property
    def deed(self) -> Deed:
        """What a valid form says was done."""
        names = ("done_on", "type", "topic", "place", "content")
        return Deed(**{name: self.cleaned_data[name] for name in names})


@dataclass(frozen=True)
class RollRow:
    """One name on the list of a form: the field of the attendance, and what stands beside the name."""

    field: forms.BoundField
    note: str


def note_of(member: GroupMember, here: int) -> str:
    """Return what stands beside a member's name: the office, and the congress of one from elsewhere."""
    office = member.get_office_display() if member.office != "member" else ""
    elsewhere = str(member.seat.term.congress) if member.seat.term.congress_id != here else ""
    suspended = member.seat.get_status_display() if member.seat.status == "suspended" else ""
    return "，".join(filter(None, [office, elsewhere, suspended]))


class ActivityForm(DeedForm):
    """An activity of a group, with the list of its members."""

    def __init__(self, *args: Any, members: Sequence[GroupMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._members, self._here = members, kwargs["congress"].pk
        for member in members:
            self.fields[f"state_{member.seat_id}"] = forms.ChoiceField(
                label=member.seat.person.name,
                choices=AttendanceState.choices,
                required=False,
                widget=forms.RadioSelect,
            )

    @property
    def roll(self) -> list[RollRow]:
        """The list of names."""
        return [RollRow(self[f"state_{member.seat_id}"], note_of(member, self._here)) for member in self._members]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields above the list."""
        return [field for field in self.visible_fields() if not field.name.startswith("state_")]

    @property
    def states(self) -> dict[int, str]:
        """What a valid form says of whom; who is left blank is not named."""
        found = {member.seat_id: self.cleaned_data[f"state_{member.seat_id}"] for member in self._members}
        return {pk: state for pk, state in found.items() if state}


class EntryForm(DeedForm):
    """One duty that is entered for a member."""

    member = forms.ChoiceField(label="代表", choices=())
    field_order = ("seen", "member")

    def __init__(self, *args: Any, members: Sequence[GroupMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = []
        for row in members:
            note = note_of(row, kwargs["congress"].pk)
            names.append((str(row.seat_id), f"{row.seat.person.name}（{note}）" if note else row.seat.person.name))
        self.fields["member"].choices = [("", "请选择"), *names]

    @property
    def seat_id(self) -> int:
        """The key of the seat for which a valid form enters."""
        return int(self.cleaned_data["member"])
