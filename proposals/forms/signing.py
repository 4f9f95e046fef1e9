"""Who signs together, and who withdraws."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from proposals.forms.base import DATE, PlainForm, SearchableOptions
from proposals.services.withdrawing import REASON_LENGTH

if TYPE_CHECKING:
    from deputies.models import Seat

COSIGN_ANSWERS = [("yes", "同意联名"), ("no", "不联名")]
CONSENT_ANSWERS = [("yes", "同意撤回"), ("no", "不同意撤回")]
DIGEST_LENGTH = 64


class SeatCheckboxes(SearchableOptions, forms.CheckboxSelectMultiple):
    """Any number of deputies; those in ``blocked`` cannot be chosen, their label says why."""

    blocked: Collection[int] = ()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the option, resting where it cannot be chosen."""
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.blocked:
            option["attrs"]["disabled"] = True
        return option


class InviteForm(PlainForm):
    """The deputies who are asked to sign."""

    seats = forms.TypedMultipleChoiceField(
        label="邀请联名的代表",
        coerce=int,
        widget=SeatCheckboxes,
        help_text="可按姓名、拼音首字母、代表团、代表小组查找。",
        error_messages={"required": "请选择要邀请的代表。", "invalid_choice": "请从名单中选择本级在任代表。"},
    )

    def __init__(self, *args: Any, seats: Collection[Seat], why_not: Mapping[int, str], **kwargs: Any) -> None:
        """Offer ``seats``, ordered by delegation, with ``delegation`` and group names at hand; ``why_not`` blocks."""
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[int, str]]] = {}
        search: dict[int, str] = {}
        for seat in seats:
            words = why_not.get(seat.pk, "")
            label = f"{seat.person.name}（{words}）" if words else seat.person.name
            groups.setdefault(seat.delegation.name, []).append((seat.pk, label))
            search[seat.pk] = " ".join(
                [
                    seat.person.pinyin,
                    seat.person.initials,
                    seat.delegation.name,
                    *(member.group.name for member in seat.group_memberships.all()),
                ]
            )
        field = self.fields["seats"]
        field.choices = list(groups.items())
        field.widget.search, field.widget.blocked = search, frozenset(why_not)


class CosignForm(PlainForm):
    """A deputy's answer to an invitation, for the text that the page showed."""

    digest = forms.CharField(required=False, max_length=DIGEST_LENGTH, widget=forms.HiddenInput)
    answer = forms.ChoiceField(label="您的意见", choices=COSIGN_ANSWERS, widget=forms.RadioSelect)


class WithdrawForm(PlainForm):
    """Why a proposal is withdrawn; of what staff enter for a deputy also the date of the paper."""

    paper_on = forms.DateField(label="书面撤回材料的日期", widget=DATE)
    reason = forms.CharField(label="撤回理由", max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_staff:
            del self.fields["paper_on"]


class ConsentForm(PlainForm):
    """A co-signer's answer to a withdrawal; staff say whose answer on paper they enter."""

    seat = forms.TypedChoiceField(label="联名代表", coerce=int)
    answer = forms.ChoiceField(label="意见", choices=CONSENT_ANSWERS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, is_staff: bool, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """``rows``: seat and name of those whose answer staff may enter."""
        super().__init__(*args, **kwargs)
        if is_staff:
            self.fields["seat"].choices = [("", "请选择"), *rows]
        else:
            del self.fields["seat"]

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given."""
        return {"agrees": self.cleaned_data["answer"] == "yes", "seat_id": self.cleaned_data.get("seat")}
