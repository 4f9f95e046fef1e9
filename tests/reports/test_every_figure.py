"""Every figure of the registry opens the rows that make it: as many, adding up to it, or numerator and denominator."""

import pytest

from reports.definitions import FIGURES
from reports.figures import Count, Figure, Rate, Sum, compute, percent
from reports.registers import REGISTERS
from tests.reports.test_figures import EXPECTED, of_2025
from tests.reports.test_pages import TOTAL, as_, numbers, rows_behind
from tests.reports.year_of_county import write_year
from tests.standing import standing
from tests.world import World

every_figure = pytest.mark.parametrize("figure", FIGURES, ids=[figure.code for figure in FIGURES])


def write_county(world: World) -> World:
    write_year(world)
    return world


filled_county = standing("filled_county", write_county)


@every_figure
def test_rows_of_every_figure_make_its_value(filled_county: World, figure: Figure) -> None:
    scope = of_2025(filled_county)
    value = compute([figure], scope)[figure.code]
    match figure:
        case Rate():
            made = percent(figure.numerator.rows(scope).count(), figure.denominator.rows(scope).count())
        case Sum():
            made = sum(figure.rows(scope).values_list(figure.column, flat=True))
        case _:
            made = figure.rows(scope).count()
    assert made == value == EXPECTED[figure.name]


@every_figure
def test_following_each_number_opens_the_rows_that_make_it(filled_county: World, figure: Figure) -> None:
    client = as_(filled_county.staff)
    value, url = numbers(client)[figure.name]
    # What is overdue depends on the day on which the page is looked at.
    assert value == str(EXPECTED[figure.name]) or figure.code in ("overdue", "commitments-overdue")
    assert TOTAL.search(client.get(url).content.decode())[1] == value
    match figure:
        case Rate():
            parts = [len(rows_behind(client, f"{url}?part={part}")) for part in ("numerator", "denominator")]
            assert (str(percent(*parts)), len(rows_behind(client, url))) == (value, parts[0])
        case Sum():
            label = next(column.label for column in REGISTERS[figure.register].columns if column.field == figure.column)
            assert str(sum(int(row[label]) for row in rows_behind(client, url))) == value
        case Count():
            assert str(len(rows_behind(client, url))) == value
