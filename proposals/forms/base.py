"""What the forms of the workbench have in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django import forms

from bodies.models import Unit

if TYPE_CHECKING:
    from bodies.models import Congress

BODY_LIMIT = 20_000
OPINION_LIMIT = 2_000
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlainForm(forms.Form):
    """A form of the workbench: the version of the page comes along, and words about errors are Chinese."""

    version = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @property
    def seen_version(self) -> int | None:
        """The version of the case that the user saw; a page without one acts on none."""
        version = self.cleaned_data.get("version")
        return -1 if version is None else version

    @property
    def given(self) -> dict[str, Any]:
        """What the act's service is given of a valid form, by the names of its arguments."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SearchableOptions:
    """Options that the picker finds by more than their label: ``search`` holds further words by value."""

    search: dict[int, str]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the option with its words for the search."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-search"] = self.search.get(value, "")
        return option


class UnitRadio(SearchableOptions, forms.RadioSelect):
    """One unit."""


class UnitCheckboxes(SearchableOptions, forms.CheckboxSelectMultiple):
    """Any number of units."""


def unit_choices(congress: Congress) -> tuple[dict[str, list[tuple[int, str]]], dict[int, str]]:
    """Return the units that can be chosen by system, and what finds each beside its name. Two queries."""
    groups: dict[str, list] = {}
    search: dict[int, str] = {}
    for unit in Unit.objects.filter(congress=congress, is_active=True).prefetch_related("aliases"):
        groups.setdefault(unit.system or "其他", []).append((unit.pk, unit.name))
        search[unit.pk] = " ".join([unit.initials, *(row.alias for row in unit.aliases.all())])
    return groups, search


def grouped(groups: dict[str, list[tuple[int, str]]], *, without: Collection[int] = ()) -> list:
    """Return choices under the headings of their groups, or plainly where there is one group only."""
    left = {name: [row for row in rows if row[0] not in without] for name, rows in groups.items()}
    left = {name: rows for name, rows in left.items() if rows}
    return list(left.items()) if len(left) > 1 else next(iter(left.values()), [])
