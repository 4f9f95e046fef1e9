"""The lines of the write matrix for the registers of the API: rows entered as an import of one line would."""

from tests.attacks.answers import Line
from tests.forms.samples import SAMPLES
from workbooks.columns import get_form

#                staff lead gov unit pol town dep dep2 | adm none foreign comm safe audit | anonymous
KEPT_BY_FORM = {
    "training-classes": "trainings",
    "duty-records": "duty_records",
    "seats": "deputies",
    "stations": "stations",
    "receptions": "receptions",
    "appointments": "appointments",
    "units": "units",
}
CELLS = ""
NAMED = {"张三": "李春梅", "张三、李四": "李春梅", "示例联络站（请覆盖）": "云溪联络站"}


def entered(kind: str) -> dict[str, str]:
    """A good row of a form, by the names that the API has for its columns."""
    attrs = {column.header: column.attr for column in get_form(kind).columns}
    return {attrs[header]: NAMED.get(text, text) for header, text in SAMPLES[kind].row.items()}


def registers() -> list[Line]:
    found = [Line(f"api:{name}-list", "", entered(kind), CELLS, is_json=True) for name, kind in KEPT_BY_FORM.items()]
    draft = {"title": "新的建议", "body": "正文"}
    return [*found, Line("api:proposals-list", "", draft, "", is_json=True)]
