"""A table of 20 columns (10 text, 4 date, 6 number) and its form."""

import datetime as dt

from django.db import connection, models

from workbooks.cleaners import Cleaner, Date, Integer, Text
from workbooks.columns import Column, Form

KINDS: list[tuple[str, type[models.Field], Cleaner]] = [
    *[(f"text{number}", models.TextField, Text()) for number in range(10)],
    *[(f"day{number}", models.DateField, Date()) for number in range(4)],
    *[(f"number{number}", models.IntegerField, Integer()) for number in range(6)],
]
ATTRS = [attr for attr, _field, _cleaner in KINDS]


class Wide(models.Model):  # noqa: DJ008 -- nobody looks at a row
    class Meta:
        app_label = "bench"


for name, field, _cleaner in KINDS:
    field().contribute_to_class(Wide, name)


class WideForm(Form):
    kind = "wide"
    title = "宽表"
    columns = [Column(attr, attr, cleaner) for attr, _field, cleaner in KINDS]


def fill(rows: int) -> None:
    """Create the table with this many rows."""
    with connection.schema_editor() as editor:
        editor.create_model(Wide)
    first = dt.date(2020, 1, 1)
    Wide.objects.bulk_create(
        (
            Wide(
                **{f"text{place}": f"关于第{row}号事项的说明{place}" for place in range(10)},
                **{f"day{place}": first + dt.timedelta(days=(row + place) % 2000) for place in range(4)},
                **{f"number{place}": row * place for place in range(6)},
            )
            for row in range(rows)
        ),
        batch_size=5000,
    )
