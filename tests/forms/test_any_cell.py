"""Whatever stands in the cells, a form answers: a value or a sentence, and nothing is written."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.forms.samples import SAMPLES, each_kind
from tests.forms.support import run_file, tables
from tests.workbooks.any_cell import any_cell
from tests.workbooks.test_writing import NOW
from workbooks.cleaners import CellError
from workbooks.columns import ImportRefused, all_forms, get_form
from workbooks.importing import ImportResult
from workbooks.reading import WorkbookError
from workbooks.writing import CellWriter, new_book


def test_every_form_has_its_sample():
    assert sorted(SAMPLES) == [form.kind for form in all_forms()]


@each_kind
@given(cell=any_cell)
def test_any_cell_in_any_column_gives_a_value_or_a_sentence(kind, cell):
    for column in get_form(kind).columns:
        assert isinstance(column.clean.is_blank(cell, required=column.required), bool)
        try:
            value = column.clean.clean(cell)
        except CellError as error:
            message = str(error)
            assert message, column.header
            continue
        hash(value)
        shown = column.clean.show(value)
        again = column.clean.empty if column.clean.is_blank(shown, required=True) else column.clean.clean(shown)
        assert again == value, column.header


@st.composite
def files(draw, kind):
    """A file of the form with a few rows, of whose cells some are good and some are anything."""
    columns = get_form(kind).columns
    good = [SAMPLES[kind].row.get(column.header, column.sample) for column in columns]
    row = st.tuples(*[st.one_of(st.just(cell), st.just(cell), any_cell) for cell in good])
    out = io.BytesIO()
    with new_book(out, created=NOW) as book:
        cells, sheet = CellWriter(book), book.add_worksheet()
        for number, values in enumerate([[column.header for column in columns], *draw(st.lists(row, max_size=5))]):
            for place, value in enumerate(values):
                cells.write(sheet, number, place, value)
    out.seek(0)
    return out


@pytest.mark.slow
@pytest.mark.django_db
@each_kind
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_dry_run_of_any_rows_ends_in_a_verdict_and_writes_nothing(stocked, kind, data):
    before = tables()
    try:
        result = run_file(kind, data.draw(files(kind)), congress=stocked.congress, dry_run=True)
    except WorkbookError:
        return
    except ImportRefused as refusal:
        pytest.fail(f"a cell's fault came out only in the database: {refusal}: {refusal.__cause__}")
    assert isinstance(result, ImportResult)
    assert result.errors or result.counts
    assert tables() == before
