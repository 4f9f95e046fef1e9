"""The lines of the write matrix for the registers of the API: rows entered as an import of one line would."""

from tests.attacks.answers import Line
from tests.forms.samples import SAMPLES
from workbooks.columns import get_form

KEPT_BY_FORM = {
    "training-classes": "trainings",
    "duty-records": "duty_records",
    "seats": "deputies",
    "stations": "stations",
    "receptions": "receptions",
    "appointments": "appointments",
    "units": "units",
}
KEPT = "Wxxxxxxx xx {}xxx ?"
# What a row names is the county's: the neighbour's staff are told that they have no such deputy or station.
OF_ROWS_HERE = ("duty-records", "stations", "receptions")
NAMED = {"张三": "李春梅", "张三、李四": "李春梅", "示例联络站（请覆盖）": "云溪联络站"}


def entered(kind: str) -> dict[str, str]:
    """A good row of a form, by the names that the API has for its columns."""
    attrs = {column.header: column.attr for column in get_form(kind).columns}
    return {attrs[header]: NAMED.get(text, text) for header, text in SAMPLES[kind].row.items()}


def registers() -> list[Line]:
    """Every register that takes rows, and the drafts of deputies."""
    found = []
    for name, kind in KEPT_BY_FORM.items():
        letters = KEPT.format("F" if name in OF_ROWS_HERE else "W")
        found.append(Line(f"api:{name}-list", "", entered(kind), letters, is_json=True))
    draft = {"title": "新的建议", "body": "正文"}
    return [*found, Line("api:proposals-list", "", draft, "CCCCCCWW xx CCxx ?", is_json=True)]
