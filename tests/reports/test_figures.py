"""The published figures: exact values on a year in which every rule of counting decides something."""

import datetime as dt
from decimal import Decimal

import pytest

from appointments.models import Wording
from casework.models import CaseStatus
from duties.presets import TYPES
from reports.definitions import FIGURES
from reports.definitions.appointments import BY_WORDING
from reports.figures import compute, percent, readable
from reports.registers import REGISTERS, REPORTED
from reports.scope import Scope, UnableToReport, scope_of, years_of
from tests import factories as make
from tests.reports.year_of_county import TODAY, TOO_LATE, Item, Part, Round, write, write_year
from tests.world import World

EXPECTED = {
    "代表总数": 7,
    "本级代表数": 5,
    "女代表数": 3,
    "少数民族代表数": 3,
    "代表小组数": 2,
    "建议总数": 10,
    "议案数": 1,
    "大会期间建议数": 2,
    "闭会期间建议数": 8,
    "已答复数": 6,
    "已经解决或正在解决数": 2,
    "解决率": Decimal("33.3"),
    "解释说明数": 2,
    "解释说明率": Decimal("33.3"),
    "逾期数": 2,
    "满意数": 2,
    "基本满意数": 1,
    "不满意数": 1,
    "已评价数": 4,
    "满意和基本满意数": 3,
    "满意率": Decimal("75.0"),
    "未评价办结数": 0,
    "承诺事项数": 6,
    "承诺落实数": 2,
    "承诺逾期数": 1,
    "履职记录数": 7,
    "参加活动人次": 2,
    "述职人数": 2,
    "述职率": Decimal("40.0"),
    "培训班次": 2,
    "培训人次": 65,
    "初任培训覆盖率": Decimal("50.0"),
    "联络站数": 2,
    "代表之家数": 1,
    "接待群众人次": 3,
    "群众意见数": 4,
    "群众意见办结数": 3,
    "任免总人次": 11,
    "决定任命": 1,
    "任命": 3,
    "批准任命": 1,
    "决定代理": 1,
    "决定免职": 1,
    "免职": 1,
    "批准免职": 1,
    "批准辞职": 1,
    "撤职": 1,
    "任前法律考试人数": 2,
    "供职发言人数": 2,
    "宪法宣誓人数": 1,
}
# What the contract names, so that other programs find it.
CONTRACT = (
    "代表总数, 女代表数, 少数民族代表数, 代表小组数, 联络站数, 建议总数, 议案数, 大会期间建议数, 闭会期间建议数, 已答复数, "
    "已经解决或正在解决数, 解决率, 解释说明数, 满意数, 基本满意数, 不满意数, 逾期数, 培训班次, 培训人次, 初任培训覆盖率, "
    "任免总人次, 决定任命, 任命, 免职, 批准辞职, 任前法律考试人数, 供职发言人数, 宪法宣誓人数, 履职记录数, 参加活动人次, "
    "述职人数, 述职率, 接待群众人次, 群众意见数, 群众意见办结数"
)
OF_THE_OFFICE_ALONE = {
    figure.name for figure in FIGURES if figure.heading in ("履职", "培训", "联络站与接待", "人事任免")
}


def of_2025(world: World, **fields: object) -> Scope:
    return scope_of(congress=world.congress, year=2025, as_of=TODAY, **fields)


def by_name(scope: Scope) -> dict:
    figures = readable(FIGURES, scope)
    values = compute(figures, scope)
    return {figure.name: values[figure.code] for figure in figures}


def titles(scope: Scope, code: str) -> list[str]:
    figure = next(figure for figure in FIGURES if figure.code == code)
    return sorted(figure.rows(scope).values_list("title", flat=True))


def test_every_published_figure_of_the_year(world: World) -> None:
    write_year(world)
    assert by_name(of_2025(world)) == EXPECTED


def test_staff_and_leader_see_what_the_sheet_says(world: World) -> None:
    write_year(world)
    assert by_name(of_2025(world, user=world.staff)) == EXPECTED
    assert by_name(of_2025(world, user=world.leader)) == EXPECTED


def test_government_office_counts_what_was_assigned_and_own_deputies_only(world: World) -> None:
    write_year(world)
    seen = {name: value for name, value in EXPECTED.items() if name not in OF_THE_OFFICE_ALONE}
    own = {"代表总数": 5, "女代表数": 2, "少数民族代表数": 2}
    assert by_name(of_2025(world, user=world.gov_office)) == seen | own | {"建议总数": 8, "闭会期间建议数": 6}


def test_user_of_another_county_counts_nothing_here(world: World) -> None:
    write_year(world)
    values = compute(FIGURES, of_2025(world, user=world.stranger))
    assert {values[figure.code] for figure in FIGURES} == {0, None}


def test_county_sees_of_a_township_its_deputies_and_groups_alone(world: World) -> None:
    write_year(world)
    scope = scope_of(congress=world.township, year=2025, as_of=TODAY, user=world.staff)
    assert by_name(scope) == {
        "代表总数": 2,
        "本级代表数": 2,
        "女代表数": 1,
        "少数民族代表数": 1,
        "代表小组数": 0,
    }


def test_every_name_of_the_contract_is_published() -> None:
    assert set(CONTRACT.split(", ")) <= {figure.name for figure in FIGURES}


def test_wordings_add_up_to_all_appointments(world: World) -> None:
    write_year(world)
    found = by_name(of_2025(world))
    assert sum(found[figure.name] for figure in BY_WORDING) == found["任免总人次"]
    assert {figure.where["wording"] for figure in BY_WORDING} == set(Wording)


def test_type_under_which_reports_on_duties_are_entered_is_one_of_the_ledger() -> None:
    assert REPORTED in TYPES


def test_rows_behind_the_figures_of_handling(world: World) -> None:
    write_year(world)
    scope = of_2025(world)
    assert titles(scope, "answered") == ["=1+1", "late", "redone", "separate", "unrated", "unsaid"]
    assert titles(scope, "solved") == ["=1+1", "late"]
    assert titles(scope, "explained") == ["redone", "separate"]
    assert titles(scope, "satisfied") == ["=1+1", "redone"]
    assert titles(scope, "basically-satisfied") == ["late"]
    assert titles(scope, "dissatisfied") == ["separate"]
    assert titles(scope, "overdue") == ["late", "redo open"]


def test_rows_behind_the_figures_of_commitments(world: World) -> None:
    write_year(world)

    def matters(code: str, as_of: dt.date = TODAY) -> list[str]:
        figure = next(figure for figure in FIGURES if figure.code == code)
        scope = scope_of(congress=world.congress, year=2025, as_of=as_of)
        return sorted(figure.rows(scope).values_list("matter", flat=True))

    assert matters("commitments") == ["不能落实", "今天到期", "已落实", "待核实", "逾期", "逾期以后落实"]
    assert matters("commitments-kept") == ["已落实", "逾期以后落实"]
    assert matters("commitments-overdue") == ["逾期"]
    assert matters("commitments-overdue", dt.date(2026, 3, 3)) == ["今天到期", "逾期"]


def test_names_and_codes_are_used_once_and_every_figure_says_what_it_counts() -> None:
    assert [figure.name for figure in FIGURES] == list(EXPECTED)
    assert len({figure.code for figure in FIGURES}) == len(FIGURES)
    assert [figure.name for figure in FIGURES if not figure.definition.endswith("。")] == []


@pytest.mark.parametrize(
    ("as_of", "found"), [(dt.date(2026, 3, 2), False), (dt.date(2026, 3, 3), True)], ids=["last day", "day after"]
)
def test_open_item_is_overdue_from_the_day_after_its_due_date(world: World, as_of: dt.date, found: bool) -> None:
    write_year(world)
    scope = scope_of(congress=world.congress, year=2025, as_of=as_of)
    assert ("half" in titles(scope, "overdue")) is found


def test_closed_without_reply_is_not_overdue_but_a_late_first_round_is(world: World) -> None:
    closed = {"status": CaseStatus.CLOSED, "closed_as": "imported"}
    write(world, Item("closed", [Round([Part(world.police, replied=None)])], number=1, **closed))
    rounds = [Round([Part(world.police, replied=TOO_LATE)]), Round([Part(world.police, due=None)])]
    write(world, Item("late once", rounds, number=2, **closed))
    assisting = Part(world.education, "assist", replied=None)
    write(world, Item("assisting unit owes no reply", [Round([Part(world.police), assisting])], number=3))
    assert titles(of_2025(world), "overdue") == ["late once"]
    assert titles(of_2025(world), "answered") == ["assisting unit owes no reply", "late once"]


def answered_separately(world: World, title: str, number: int, *outcomes: str | None) -> None:
    units = [world.education, world.police, world.transport]
    parts = [Part(unit, "separate", outcome=outcome) for unit, outcome in zip(units, outcomes, strict=False)]
    write(world, Item(title, [Round(parts)], number=number))


def test_weakest_outcome_of_separate_units_counts(world: World) -> None:
    answered_separately(world, "A B", 1, "A", "B")
    answered_separately(world, "A C", 2, "A", "C")
    answered_separately(world, "C D", 3, "C", "D")
    answered_separately(world, "D C A", 4, "D", "C", "A")
    answered_separately(world, "A unsaid", 5, "A", None)
    rows = REGISTERS["proposals"].rows(of_2025(world))
    by_id = {row.pk: row.code for row in world.outcomes.values()} | {None: None}
    found = {title: by_id[outcome] for title, outcome in rows.values_list("title", "outcome")}
    assert found == {"A B": "B", "A C": "C", "C D": "D", "D C A": "D", "A unsaid": None}
    assert titles(of_2025(world), "solved") == ["A B"]
    assert titles(of_2025(world), "explained") == ["A C"]


def test_what_counts_as_solved_is_the_term_s_own_table_not_the_letter(world: World) -> None:
    world.outcomes["D"].counts_as_solved = True
    world.outcomes["D"].save()
    answered_separately(world, "D", 1, "D")
    answered_separately(world, "C D", 2, "C", "D")
    assert titles(of_2025(world), "solved") == ["D"]
    assert titles(of_2025(world), "explained") == ["C D"]


def test_judgement_of_another_deputy_than_the_lead_does_not_count(world: World) -> None:
    row = write(world, Item("one", [Round([Part(world.police)], "satisfied")], number=1))
    row.rounds.get().feedbacks.create(
        seat=world.other_seat, attitude="dissatisfied", result="dissatisfied", opinion="否", given_at=row.created_at
    )
    values = by_name(of_2025(world))
    assert (values["满意数"], values["不满意数"]) == (1, 0)


def test_rate_of_nothing_is_nothing_and_halves_go_up() -> None:
    assert percent(0, 0) is None
    assert percent(236, 249) == Decimal("94.8")
    assert percent(1, 16) == Decimal("6.3")
    assert percent(5, 5) == Decimal("100.0")


def test_year_without_term_is_refused_with_what_to_do(world: World) -> None:
    with pytest.raises(UnableToReport, match=r"^云溪县没有2035年在任的届次，请先登记届次的起止日期，或者换一个年份。$"):
        scope_of(congress=world.congress, year=2035, as_of=TODAY)
    for year in (0, 10_000, 10**12):
        with pytest.raises(UnableToReport):
            scope_of(congress=world.congress, year=year, as_of=TODAY)


def test_years_on_offer_end_with_this_one(world: World) -> None:
    make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2019, 5, 1), ends_on=dt.date(2021, 12, 31)
    )
    assert years_of(congress=world.congress, today=TODAY) == [2026, 2025, 2024, 2023, 2022, 2021, 2020, 2019]
