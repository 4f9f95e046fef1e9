"""The stepper: every step with who, when, how long, what is due and how the date was computed."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from casework.models import Act, Case, CaseStatus, Obligation, ObligationState, Procedure, Stage, Step, StepRun
from casework.presenters import stepper
from proposals import services as proposals
from proposals.models import Arrangement
from tests.factories import at
from tests.world import World

TODAY = dt.date(2026, 3, 20)
CLERK = User(name="张志强", username="zhang")
FIVE = [
    ("提出", Stage.SUBMIT, ""),
    ("审议", Stage.REVIEW, "5WD"),
    ("交办", Stage.ASSIGN, "5WD"),
    ("反馈", Stage.REPLY, "3M"),
    ("测评", Stage.RATE, "30D"),
]
NINE = [
    ("提出", Stage.SUBMIT, ""),
    ("乡镇初审", Stage.REVIEW, "5WD"),
    ("代工委复审", Stage.REVIEW, "5WD"),
    ("主任会议审定", Stage.REVIEW, "10WD"),
    ("交办", Stage.ASSIGN, "5WD"),
    ("主办", Stage.REPLY, "20WD"),
    ("督办", Stage.REPLY, ""),
    ("答复", Stage.REPLY, "3M"),
    ("测评", Stage.RATE, "30D"),
]


def steps_of(rows: list[tuple[str, str, str]]) -> list[Step]:
    return [
        Step(pk=n, position=n, label=label, stage=stage, deadline=rule, act=Act.DECIDE, actor_role=Role.STAFF)
        for n, (label, stage, rule) in enumerate(rows, start=1)
    ]


def case_in(step: int | None, status: str = CaseStatus.OPEN) -> Case:
    return Case(pk=1, title="校车", step_id=step, status=status)


def run(step: int, entered: tuple[int, int], left: tuple[int, int] | None = None) -> StepRun:
    return StepRun(
        step_id=step,
        entered_at=at(2026, *entered),
        left_at=at(2026, *left) if left else None,
        left_by=CLERK if left else None,
    )


def owed(who: str, verb: str, due: dt.date | None, basis: str = "", *, provisional: bool = False) -> Obligation:
    return Obligation(
        owner_label=who,
        verb=verb,
        due_on=due,
        due_basis=basis,
        is_provisional=provisional,
        state=ObligationState.OPEN,
    )


def flat(shown: dict) -> list[dict]:
    return [step for stage in shown["stages"] for step in stage["steps"]]


def test_done_now_and_coming() -> None:
    runs = [run(1, (3, 2), (3, 2)), run(2, (3, 2), (3, 5)), run(3, (3, 5))]
    due = dt.date(2026, 3, 12)
    shown = stepper(case_in(3), steps_of(FIVE), runs, [owed("代表工委", "交办", due, "自3月5日起5个工作日")], TODAY)
    rows = flat(shown)
    assert [row["state"] for row in rows] == ["done", "done", "now", "coming", "coming"]
    assert (rows[1]["who"], rows[1]["at"], rows[1]["days"]) == ("张志强", at(2026, 3, 5), 3)
    assert (rows[0]["days"], rows[0]["times"]) == (0, 1)
    assert (rows[2]["who"], rows[2]["since"], rows[2]["light"]) == ("代表工委", at(2026, 3, 5), "red")
    assert rows[2]["light_words"] == "逾期 8 天"
    assert [row["due_words"] for row in rows[3:]] == ["3个月", "30日"]
    assert shown["owed"] == [
        {
            "who": "代表工委",
            "verb": "交办",
            "light": "red",
            "light_words": "逾期 8 天",
            "due_on": due,
            "due": "3月12日",
            "basis": "自3月5日起5个工作日",
            "provisional": False,
        }
    ]
    assert (shown["is_grouped"], shown["is_long"]) == (False, False)


def test_coming_steps_are_due_by_the_rules_of_the_case() -> None:
    rules = {"反馈": "6M", "测评": ""}
    rows = flat(stepper(case_in(3), steps_of(FIVE), [], [], TODAY, rule_of=lambda step: rules[step.label]))
    assert [row["due_words"] for row in rows[3:]] == ["6个月", ""]


def test_steps_stand_under_their_stages() -> None:
    shown = stepper(case_in(4), steps_of(NINE), [], [], TODAY)
    assert [(stage["label"], len(stage["steps"])) for stage in shown["stages"]] == [
        ("提出", 1),
        ("审议", 3),
        ("交办", 1),
        ("反馈", 3),
        ("测评", 1),
    ]
    assert (shown["is_grouped"], shown["is_long"]) == (True, True)


def test_several_owe_something_in_one_step() -> None:
    rows = [
        owed("县教育局", "答复", dt.date(2026, 6, 5), "交办之日起3个月"),
        owed("县公安局", "答复", dt.date(2026, 6, 5), "交办之日起3个月"),
        owed("县交通运输局", "提出协办意见", dt.date(2026, 4, 7), "交办之日起1个月", provisional=True),
        owed("县教育局", "签收", None),
    ]
    shown = stepper(case_in(4), steps_of(FIVE), [run(4, (3, 5))], rows, TODAY)
    now = flat(shown)[3]
    assert now["who"] == "县教育局、县公安局、县交通运输局"
    assert (now["light"], now["light_words"]) == ("green", "还有 18 天")
    assert [(row["who"], row["due"]) for row in shown["owed"]] == [
        ("县教育局", "6月5日"),
        ("县公安局", "6月5日"),
        ("县交通运输局", "4月7日"),
        ("县教育局", ""),
    ]
    html = render_to_string("partials/stepper.html", {"steps": shown})
    assert html.count("交办之日起3个月") == 2
    assert html.count("（暂定）") == 1
    assert html.count("不限期") == 1


def test_a_step_entered_twice_shows_the_latest_and_how_often() -> None:
    runs = [
        run(1, (3, 1), (3, 2)),
        run(2, (3, 2), (3, 5)),
        run(1, (3, 5), (3, 9)),
        run(2, (3, 9)),
    ]
    rows = flat(stepper(case_in(2), steps_of(FIVE), runs, [], TODAY))
    assert (rows[0]["at"], rows[0]["days"], rows[0]["times"]) == (at(2026, 3, 9), 4, 2)
    assert (rows[1]["since"], rows[1]["times"]) == (at(2026, 3, 9), 2)
    html = render_to_string("partials/stepper.html", {"steps": stepper(case_in(2), steps_of(FIVE), runs, [], TODAY)})
    assert html.count("第2次") == 2


def test_sent_back_steps_that_were_passed_are_coming_again() -> None:
    runs = [run(1, (3, 1), (3, 2)), run(2, (3, 2), (3, 5)), run(3, (3, 5), (3, 6)), run(1, (3, 6))]
    rows = flat(stepper(case_in(1), steps_of(FIVE), runs, [], TODAY))
    assert [row["state"] for row in rows] == ["now", "coming", "coming", "coming", "coming"]
    html = render_to_string("partials/stepper.html", {"steps": stepper(case_in(1), steps_of(FIVE), runs, [], TODAY)})
    assert html.count("第2次") == 1


def test_closed_and_passed_over() -> None:
    runs = [run(1, (3, 1), (3, 2)), run(2, (3, 2), (3, 5))]
    rows = flat(stepper(case_in(None, CaseStatus.CLOSED), steps_of(FIVE), runs, [], TODAY))
    assert [row["state"] for row in rows] == ["done", "done", "skipped", "skipped", "skipped"]
    rows = flat(stepper(case_in(4), steps_of(FIVE), [run(1, (3, 1), (3, 2)), run(4, (3, 2))], [], TODAY))
    assert [row["state"] for row in rows] == ["done", "skipped", "skipped", "now", "coming"]


def test_a_draft_says_that_it_is_one() -> None:
    row = flat(stepper(case_in(1, CaseStatus.DRAFT), steps_of(FIVE), [run(1, (3, 1))], [], TODAY))[0]
    assert (row["who"], row["since"]) == ("草稿，尚未提交", None)


@pytest.mark.parametrize("rows", [FIVE, NINE], ids=["five", "nine"])
def test_every_step_is_drawn_once_and_without_inline_style(rows: list[tuple[str, str, str]]) -> None:
    shown = stepper(case_in(3), steps_of(rows), [run(3, (3, 5))], [owed("<b>甲</b>", "办", TODAY)], TODAY)
    html = render_to_string("partials/stepper.html", {"steps": shown})
    assert html.count('class="steps__label"') == len(rows)
    assert html.count('aria-current="step"') == 1
    assert ("steps__stage-label" in html) == (rows is NINE)
    assert "style=" not in html
    assert "<b>甲" not in html


def test_the_case_page_takes_the_same_queries_for_five_and_ten_steps(world: World) -> None:
    client, taken = Client(), {}
    client.force_login(world.staff)
    for code in ("standard5", "dongkou351"):
        procedure = Procedure.objects.get(code=code, version=1)
        Arrangement.objects.filter(term=world.term).update(procedure=procedure)
        row = proposals.create_draft(
            user=world.deputy, request_key=uuid.uuid4(), now=at(2026, 3, 2), title="校车", body="超载。"
        )
        row = proposals.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=at(2026, 3, 2))
        # The same clerk's step in both.
        step = procedure.steps.filter(act="assign").get()
        Case.objects.filter(pk=row.pk).update(step=step)
        StepRun.objects.bulk_create(
            StepRun(case_id=row.pk, step=done, entered_at=at(2026, 3, 2), left_at=at(2026, 3, 2), left_by=world.staff)
            for done in procedure.steps.filter(position__gt=1, position__lt=step.position)
        )
        client.get(row.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            html = client.get(row.get_absolute_url()).content.decode()
        assert html.count('class="steps__label"') == procedure.steps.count()
        taken[code] = len(queries)
    assert taken["standard5"] == taken["dongkou351"] <= 20
