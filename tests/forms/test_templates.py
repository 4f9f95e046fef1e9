"""The template of every form: what it shows, and that filling it as its sample does imports."""

import io

import openpyxl
import pytest
from django.utils import timezone

from tests.forms.samples import SAMPLES, each_kind
from tests.forms.support import counts, errors, exported, run_file
from workbooks.columns import get_form
from workbooks.writing import TEMPLATE_ROWS, write_template

pytestmark = pytest.mark.django_db


def template(kind, world):
    form, out = get_form(kind), io.BytesIO()
    context = form.make_context(congress_code=world.congress.code)
    write_template(form, out, created=timezone.now().replace(tzinfo=None), context=context)
    return out


def rules_of(sheet):
    return {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}


@each_kind
def test_header_notes_lists_and_sample(stocked, kind):
    form = get_form(kind)
    book = openpyxl.load_workbook(template(kind, stocked))
    sheet, notes, options = book[form.title], book["填写说明"], book["选项"]
    assert book.sheetnames == [form.title, "填写说明", "选项"]
    assert options.sheet_state == "hidden"
    assert [cell.value for cell in sheet[1]] == [column.header for column in form.columns]
    assert sheet.freeze_panes == "A2"
    assert sheet.max_row == 2
    assert [row[0].value for row in notes.iter_rows(min_row=2, max_row=len(form.columns) + 1)] == [
        column.header for column in form.columns
    ]
    rules = rules_of(sheet)
    for column, head, sample, note in zip(form.columns, sheet[1], sheet[2], notes.iter_rows(min_row=2), strict=False):
        assert (sample.value in {None, ""}) == (column.sample == ""), column.header
        assert sample.value is None or sample.font.italic
        assert (note[1].value == "必填") == column.required
        assert note[2].value, f"{column.header}: nothing says how to fill it"
        letter = head.column_letter
        rule = rules[f"{letter}2:{letter}{TEMPLATE_ROWS + 1}"]
        assert rule.promptTitle == column.header
        assert len(rule.prompt) <= 255
        if column.choices:
            listed = [cell.value for cell in options[letter] if cell.value is not None]
            assert (rule.type, listed, rule.showErrorMessage) == ("list", list(column.choices), True)
            assert rule.formula1 == f"选项!${letter}$1:${letter}${len(listed)}"
            assert column.sample in {"", *column.choices}


@each_kind
def test_every_required_column_has_a_sample(kind):
    assert [column.header for column in get_form(kind).columns if column.required and column.sample == ""] == []


@each_kind
def test_the_sample_row_alone_is_no_data(stocked, kind):
    found = errors(run_file(kind, template(kind, stocked), congress=stocked.congress))
    assert found == [f"表 {get_form(kind).title} 表头下面没有数据"]


@each_kind
def test_the_template_filled_as_its_sample_imports_and_its_export_changes_nothing(stocked, kind):
    form, sample = get_form(kind), SAMPLES[kind]
    book = openpyxl.load_workbook(template(kind, stocked))
    for head, cell in zip(book[form.title][1], book[form.title][2], strict=False):
        if head.value == sample.named:
            cell.value = "按示例填写的"
    filled = io.BytesIO()
    book.save(filled)
    assert counts(run_file(kind, filled, congress=stocked.congress)) == "新增 1、更新 0、未变 0"
    assert "按示例填写的" in sample.names()
    assert counts(run_file(kind, filled, congress=stocked.congress)) == "新增 0、更新 0、未变 1"
    records = sample.model.objects.filter(**{sample.field: "按示例填写的"})
    back = exported(kind, records)
    assert counts(run_file(kind, back, congress=stocked.congress)) == "新增 0、更新 0、未变 1"
    # Header, row, and who took it away.
    assert openpyxl.load_workbook(back).active.max_row == 3
