"""Every figure of the registry opens the rows that make it: as many, adding up to it, or numerator and denominator."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from reports.definitions import FIGURES
from reports.figures import Count, Figure, Rate, Sum, compute, percent
from reports.registers import REGISTERS
from tests.reports.test_figures import EXPECTED, of_2025
from tests.reports.test_pages import TOTAL, as_, numbers, rows_behind
from tests.reports.year_of_county import write_year
from tests.world import World, build_world

every_figure = pytest.mark.parametrize("figure", FIGURES, ids=[figure.code for figure in FIGURES])


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Writes the year once for all figures, and takes it back."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = build_world()
        write_year(world)
        yield world
        transaction.set_rollback(True)


@every_figure
def test_rows_of_every_figure_make_its_value(county: World, figure: Figure) -> None:
    scope = of_2025(county)
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
def test_following_each_number_opens_the_rows_that_make_it(county: World, figure: Figure) -> None:
    client = as_(county.staff)
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
