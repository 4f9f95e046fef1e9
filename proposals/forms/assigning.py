"""Who handles a proposal."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django import forms

from bodies.models import Unit
from proposals.forms.base import DATE, PlainForm, UnitCheckboxes, UnitRadio, grouped, unit_choices

if TYPE_CHECKING:
    from bodies.models import Congress

NOTE_LIMIT = 500


class UnitsForm(PlainForm):
    """A form in which units are picked; every field drawn as a picker offers the same ones.

    ``taken`` are units, by key, that have a part already: they are not offered, and the service says why not.
    """

    def __init__(self, *args: Any, congress: Congress, taken: Collection[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.congress = congress
        groups, search = unit_choices(congress)
        for name in self.pickers:
            field = self.fields[name]
            field.choices = grouped(groups)
            field.widget.choices = grouped(groups, without=taken)
            field.widget.search = search

    @property
    def pickers(self) -> list[str]:
        """The names of the fields that are drawn with a search box."""
        return [name for name, field in self.fields.items() if isinstance(field.widget, (UnitRadio, UnitCheckboxes))]

    @property
    def given(self) -> dict[str, Any]:
        """What the act's service is given of a valid form; units themselves in the place of their keys. One query."""
        data = super().given
        chosen = {name: _keys(data[name]) for name in self.pickers}
        rows = Unit.objects.filter(congress=self.congress).in_bulk({key for keys in chosen.values() for key in keys})
        units = {name: [rows[key] for key in keys if key in rows] for name, keys in chosen.items()}
        one = {name for name in units if isinstance(self.fields[name].widget, UnitRadio)}
        return data | {name: next(iter(found), None) if name in one else found for name, found in units.items()}


def _keys(value: int | list[int] | None) -> Iterable[int]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def one_unit(label: str, *, required: bool = True, help_text: str = "") -> forms.TypedChoiceField:
    """Return a field for one unit, whose choices ``UnitsForm`` fills."""
    return forms.TypedChoiceField(
        label=label, required=required, coerce=int, empty_value=None, widget=UnitRadio, help_text=help_text
    )


def some_units(label: str, help_text: str = "") -> forms.TypedMultipleChoiceField:
    """Return a field for any number of units, whose choices ``UnitsForm`` fills."""
    return forms.TypedMultipleChoiceField(
        label=label, required=False, coerce=int, widget=UnitCheckboxes, help_text=help_text
    )


class PartsForm(UnitsForm):
    """Which units get a part."""

    lead = one_unit("主办单位", required=False, help_text="由一个单位答复代表的，选择主办单位。")
    assisting = some_units("协办单位", "向主办单位提出协办意见，不直接答复代表。")
    separate = some_units("分办单位", "由几个单位分别答复代表的，选择分办单位。")


class AssignForm(PartsForm):
    """Which units handle the proposal, and by when. ``has_longer_reply``: the rules give complex items more time."""

    via_office = forms.BooleanField(label="交政府办分办", required=False, help_text="由政府办确定其余的承办单位。")
    office_note = forms.CharField(
        label="给政府办的交办意见",
        required=False,
        max_length=NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="勾选「交政府办分办」时填写，可以不填。",
    )
    is_complex = forms.BooleanField(
        label="涉及面广、处理难度大", required=False, help_text="按上面列出的较长期限答复。"
    )
    due_on = forms.DateField(
        label="答复期限", required=False, widget=DATE, help_text="一般不填，按上面列出的规定期限计算；另定期限的才填。"
    )

    def __init__(self, *args: Any, has_longer_reply: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_longer_reply:
            del self.fields["is_complex"]


class DistributeForm(PartsForm):
    """To which departments the government office gives its part. ``has_lead``: the committee named the lead unit."""

    nothing_more = forms.BooleanField(
        label="不再增加承办单位", required=False, help_text="人大常委会已经确定的承办单位足够的，勾选此项。"
    )

    def __init__(self, *args: Any, has_lead: bool, has_units: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_lead:
            del self.fields["lead"]
        if not has_units:
            del self.fields["nothing_more"]
