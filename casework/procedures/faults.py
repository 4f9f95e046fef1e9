"""What is wrong with a procedure, in the clerk's words. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from accounts.models import Role
from casework.calendar import LONGEST_YEARS, RULE, longer_than_years
from casework.models import Act, Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from casework.models import Outcome, Step

ORDER = {stage: number for number, stage in enumerate(Stage)}
# Where an act has its place; a decision may be asked for anywhere after the first step.
STAGES = {
    Act.SUBMIT: Stage.SUBMIT,
    Act.ASSIGN: Stage.ASSIGN,
    Act.ASSIST: Stage.REPLY,
    Act.REPLY: Stage.REPLY,
    Act.RATE: Stage.RATE,
}
# Who can do it. Nobody decides on what he is party to.
ACTORS = {
    Act.SUBMIT: [Role.DEPUTY],
    # A committee reads only what it oversees, so nothing can wait for it.
    Act.DECIDE: [role for role in Role if role not in (Role.DEPUTY, Role.COMMITTEE)],
    Act.ASSIGN: [Role.STAFF, Role.GOV_OFFICE],
    Act.ASSIST: [Role.UNIT],
    Act.REPLY: [Role.UNIT],
    Act.RATE: [Role.DEPUTY],
}
# Without these no case is handled.
NEEDED = (Act.ASSIGN, Act.REPLY, Act.RATE)
TOO_LONG = f"太长，期限最长 {LONGEST_YEARS} 年"
WRONG_RULE = "写法不对，应为数字加单位，如 5个工作日、30日、3个月"


def faults(
    steps: Iterable[Step], outcomes: Iterable[Outcome], *, early_ends: Collection[str] = ("not_registered",)
) -> list[str]:
    """Return why a procedure cannot be used, one Chinese sentence each; empty for a sound one.

    ``steps`` and ``outcomes`` are all of one procedure's, with keys. ``early_ends`` are the endings (``closes_as``)
    that a case may come to before it was handled and rated, as when it is not registered.
    """
    steps = sorted(steps, key=lambda step: step.position)
    if not steps:
        return ["程序还没有步骤。"]
    graph = _Graph(steps, outcomes, early_ends)
    found = [*_stages(graph), *_acts(graph), *_deadlines(graph)]
    jumps = [*_outcomes(graph), *_jumps(graph)]
    found += jumps
    found += _reach(graph)
    if not jumps:
        found += _around(graph)
    return found


class _Graph:
    """The steps with their names and where they lead."""

    def __init__(self, steps: Sequence[Step], outcomes: Iterable[Outcome], early_ends: Collection[str]) -> None:
        self.steps = steps
        self.by_pk = {step.pk: step for step in steps}
        self.outcomes: Mapping[int, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            self.outcomes[outcome.step_id].append(outcome)
        self.early_ends = early_ends
        self.names = {step.pk: f"第{number}步「{step.label}」" for number, step in enumerate(steps, start=1)}

    def name(self, step: Step) -> str:
        return self.names[step.pk]

    def ends(self, step: Step) -> bool:
        """Say whether a case can come to its proper end in a step."""
        return any(o.goes_to_id is None and o.closes_as not in self.early_ends for o in self.outcomes[step.pk])

    def reached(self, start: Step, without: Collection[int] = ()) -> set[int]:
        """Return the keys of the steps to which a case can come from a step, not passing through some others."""
        seen, waiting = set(), [start.pk]
        while waiting:
            key = waiting.pop()
            if key in seen or key in without or key not in self.by_pk:
                continue
            seen.add(key)
            waiting += [o.goes_to_id for o in self.outcomes[key] if o.goes_to_id is not None]
        return seen


def _stages(graph: _Graph) -> Iterator[str]:
    present = {step.stage for step in graph.steps}
    if missing := [stage.label for stage in Stage if stage not in present]:
        yield f"缺少{_quoted(missing)}阶段：提出、审议、交办、反馈、测评五个阶段都要有步骤。"
    highest = graph.steps[0]
    for step in graph.steps[1:]:
        if ORDER[step.stage] < ORDER[highest.stage]:
            yield (
                f"{graph.name(step)}属于「{Stage(step.stage).label}」阶段，"
                f"不能排在「{Stage(highest.stage).label}」阶段的{graph.name(highest)}后面。"
            )
        else:
            highest = step


def _acts(graph: _Graph) -> Iterator[str]:
    first = graph.steps[0]
    if first.act != Act.SUBMIT:
        yield f"{graph.name(first)}的办理方式应为「提交」：程序从代表提交开始。"
    for step in graph.steps[1:]:
        if step.act == Act.SUBMIT:
            yield f"{graph.name(step)}的办理方式不能是「提交」：只有第一步是提交。"
    for act in NEEDED:
        having = [step for step in graph.steps if step.act == act]
        if not having:
            yield f"没有办理方式为「{act.label}」的步骤。"
        elif act == Act.ASSIGN and len(having) > 1:
            yield f"办理方式为「交办」的步骤只能有一个，现在有{'、'.join(map(graph.name, having))}。"
    for step in graph.steps:
        act = Act(step.act)
        stage = STAGES.get(act, step.stage)
        if step.stage != stage:
            yield f"{graph.name(step)}的办理方式是「{act.label}」，应当属于「{stage.label}」阶段。"
        if step.actor_role not in ACTORS[act]:
            able = "、".join(role.label for role in ACTORS[act])
            yield (
                f"{graph.name(step)}的办理方式是「{act.label}」，"
                f"不能由「{Role(step.actor_role).label}」办理，应为：{able}。"
            )
        elif act == Act.DECIDE and step.actor_role == Role.UNIT and ORDER[step.stage] < ORDER[Stage.REPLY]:
            yield f"{graph.name(step)}不能由「{Role.UNIT.label}」办理：交办以后才有承办单位。"


def _deadlines(graph: _Graph) -> Iterator[str]:
    for step in graph.steps:
        for words, rule in (("期限", step.deadline), ("签收期限", step.acknowledge_within)):
            if rule and (wrong := _wrong(rule)):
                yield f"{graph.name(step)}的{words}「{rule}」{wrong}。"
        for outcome in graph.outcomes[step.pk]:
            if outcome.deadline and (wrong := _wrong(outcome.deadline)):
                yield f"{graph.name(step)}结论「{outcome.label}」的期限「{outcome.deadline}」{wrong}。"


def _wrong(rule: str) -> str:
    if not RULE.match(rule):
        return WRONG_RULE
    return TOO_LONG if longer_than_years(rule) else ""


def _outcomes(graph: _Graph) -> Iterator[str]:
    for step in graph.steps:
        if not any(outcome.code == "pass" for outcome in graph.outcomes[step.pk]):
            yield f"{graph.name(step)}没有「通过」的结论，办完以后走不下去。"
        if step.act != Act.RATE:
            continue
        again = next((outcome for outcome in graph.outcomes[step.pk] if outcome.code == "redo"), None)
        target = graph.by_pk.get(again.goes_to_id) if again else None
        if target is None or target.stage != Stage.REPLY:
            yield f"{graph.name(step)}应当有代表不满意时「重新办理」的结论，转入「{Stage.REPLY.label}」阶段的步骤。"


def _jumps(graph: _Graph) -> Iterator[str]:
    """Yield the outcomes that leave out a stage, or end the case before its last one."""
    for step in graph.steps:
        here = ORDER[step.stage]
        for outcome in graph.outcomes[step.pk]:
            says = f"{graph.name(step)}的结论「{outcome.label}」"
            target = graph.by_pk.get(outcome.goes_to_id)
            if target is not None:
                if left_out := [stage.label for stage in Stage if here < ORDER[stage] < ORDER[target.stage]]:
                    yield f"{says}转入{graph.name(target)}，跳过了{_quoted(left_out)}阶段。"
            elif outcome.goes_to_id is not None:
                yield f"{says}转入的步骤不在本程序中。"
            elif outcome.closes_as not in graph.early_ends and step.stage != Stage.RATE:
                left_out = [stage.label for stage in Stage if ORDER[stage] > here]
                yield f"{says}直接办结，跳过了{_quoted(left_out)}阶段。"


def _reach(graph: _Graph) -> Iterator[str]:
    reached = graph.reached(graph.steps[0])
    for step in graph.steps:
        if step.pk not in reached:
            yield f"{graph.name(step)}从第一步走不到。"
    closing = {step.pk for step in graph.steps if graph.ends(step)}
    if lost := [graph.name(step) for step in graph.steps if not graph.reached(step) & closing]:
        yield f"程序结束不了：从{'、'.join(lost)}起，怎么办都走不到办结。"


def _around(graph: _Graph) -> Iterator[str]:
    """Yield the acts that a case can get around within a stage."""
    for act in NEEDED:
        having = {step.pk for step in graph.steps if step.act == act}
        if not having:
            continue
        reached = graph.reached(graph.steps[0], without=having)
        if any(graph.ends(graph.by_pk[key]) for key in reached):
            yield f"可以不经过办理方式为「{act.label}」的步骤就办结，请检查各步骤的结论转入哪一步。"


def _quoted(words: Iterable[str]) -> str:
    return "、".join(f"「{word}」" for word in words)
