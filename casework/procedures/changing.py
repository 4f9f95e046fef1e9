"""The one door for changing procedures: copies, drafts, and which version is in force."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.permissions import is_system_administrator, keeps_registers
from bodies.pinyin import initials
from casework import registry
from casework.models import Outcome, Procedure, Step
from casework.procedures.faults import faults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from accounts.models import User

LONGEST_NAME = 100
# Room for a number behind the letters of a name.
LETTERS = 30
# Above every position that a procedure can have.
APART = 10_000


class UnableToChangeProcedure(Exception):
    """The change is not possible; the message says why and what to do."""


def may_copy(user: User) -> bool:
    """Say whether the user may copy procedures at all: staff for their congress, the administrator for all."""
    return is_system_administrator(user) or keeps_registers(user)


def may_own(user: User, procedure: Procedure) -> bool:
    """Say whether a procedure is the user's to change: staff their congress', the administrator the shipped ones."""
    if procedure.congress_id is None:
        return is_system_administrator(user)
    return keeps_registers(user) and procedure.congress_id == user.hat.congress_id


def why_fixed(user: User, procedure: Procedure) -> str:
    """Return why the user may not change a procedure, with what he can do instead; empty when he may."""
    if not may_own(user, procedure):
        whose = f"{procedure.congress}的" if procedure.congress_id else "系统自带的"
        return f"这是{whose}程序，在这里只能查看。需要修改的，请复制一份，改复制出来的那一份。"
    if procedure.is_active:
        return f"「{procedure}」正在启用，不能再改。请复制为新版本，改好以后再启用；已在办理的按原来的版本办到底。"
    if procedure.has_cases:
        return f"已有办件按「{procedure}」办理，程序不能再改：办件按开始时的规则办到底，办理经过才对得上。"
    return ""


def faults_of(procedure: Procedure) -> list[str]:
    """Return the faults of a stored procedure (see ``faults``). Two queries."""
    kind = registry.kind(procedure.case_kind)
    return faults(procedure.steps.all(), Outcome.objects.filter(step__procedure=procedure), early_ends=kind.early_ends)


@transaction.atomic
def copy_procedure(*, procedure: Procedure, user: User, as_new_name: str | None) -> Procedure:
    """Copy a procedure with its steps and outcomes into a draft, and return the draft.

    Without a name the copy is the next version of the same procedure, which only its owner can make; with one it is
    another procedure of the user's congress. Raises UnableToChangeProcedure.
    """
    if not may_copy(user):
        raise UnableToChangeProcedure("只有代表工委工作人员和系统管理员可以复制程序。")
    family = _lock_all()
    if not Procedure.objects.visible_to(user).filter(pk=procedure.pk).exists():
        raise UnableToChangeProcedure("没有找到要复制的程序，请返回列表重新选择。")
    congress = None if is_system_administrator(user) else user.hat.congress
    draft = Procedure(congress=congress, case_kind=procedure.case_kind, is_active=False)
    if as_new_name is None:
        if not may_own(user, procedure):
            raise UnableToChangeProcedure("这不是本单位的程序，不能做成它的新版本；请起一个名称，复制成另一个程序。")
        last = max((row for row in family if row.code == procedure.code), key=lambda row: row.version)
        if not last.is_active and not any(row.is_active and row.code == last.code for row in family):
            raise UnableToChangeProcedure(f"「{last}」还没有启用，可以直接修改，不必复制为新版本。")
        if not last.is_active and not last.cases.exists():
            raise UnableToChangeProcedure(f"已有没启用的「{last}」，请修改、启用或者删除那一份，不必再复制。")
        draft.name, draft.code, draft.version = procedure.name, procedure.code, last.version + 1
    else:
        draft.name = _fit_name(as_new_name, user)
        draft.code, draft.version = _new_code(draft.name, {row.code for row in family}), 1
    draft.save()
    _copy_steps(procedure, draft)
    return draft


def _lock_all() -> list[Procedure]:
    """Let nobody else copy or activate at the same time, and return every procedure as it then is."""
    list(Procedure.objects.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return list(Procedure.objects.order_by("pk"))


def _fit_name(text: str, user: User) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if not name:
        raise UnableToChangeProcedure("请填写新程序的名称。")
    if len(name) > LONGEST_NAME:
        raise UnableToChangeProcedure(f"名称不能超过 {LONGEST_NAME} 个字，现在是 {len(name)} 个字。")
    if Procedure.objects.visible_to(user).filter(name=name).exists():
        raise UnableToChangeProcedure(f"已经有名为「{name}」的程序，请换一个名称。")
    return name


def _new_code(name: str, taken: Collection[str]) -> str:
    letters = "".join(sign for sign in initials(name) if sign.isascii() and sign.isalnum())[:LETTERS] or "procedure"
    number = 1
    while (code := f"{letters}-{number}") in taken:
        number += 1
    return code


def _copy_steps(source: Procedure, draft: Procedure) -> None:
    outcomes = list(Outcome.objects.filter(step__procedure=source).order_by("pk"))
    copies = {}
    for step in source.steps.order_by("position"):
        old = step.pk
        step.pk, step.procedure = None, draft
        step._state.adding = True  # noqa: SLF001 - as Django documents the copying of rows
        step.save()
        copies[old] = step
    for outcome in outcomes:
        outcome.pk = None
        outcome.step_id = copies[outcome.step_id].pk
        outcome.goes_to_id = copies[outcome.goes_to_id].pk if outcome.goes_to_id else None
    Outcome.objects.bulk_create(outcomes)


@transaction.atomic
def activate(*, procedure: Procedure, user: User) -> Procedure | None:
    """Put a draft into force in the place of the version before it, which is returned; None for a first version.

    Cases under way keep their version. Raises UnableToChangeProcedure with every fault of the draft.
    """
    _lock_all()
    procedure = Procedure.objects.get(pk=procedure.pk)
    if not may_own(user, procedure):
        raise UnableToChangeProcedure(why_fixed(user, procedure))
    if procedure.is_active:
        raise UnableToChangeProcedure(f"「{procedure}」已经启用。")
    if found := faults_of(procedure):
        raise UnableToChangeProcedure("程序还不能启用：" + "".join(found))
    before = Procedure.objects.filter(code=procedure.code, is_active=True).first()
    if before is not None:
        Procedure.objects.filter(pk=before.pk).update(is_active=False)
    Procedure.objects.filter(pk=procedure.pk).update(is_active=True)
    procedure.is_active = True
    if follow := registry.kind(procedure.case_kind).procedure_activated:
        follow(procedure, before)
    return before


@transaction.atomic
def delete_draft(*, procedure: Procedure, user: User) -> None:
    """Delete a draft in which no case runs. Raises UnableToChangeProcedure."""
    procedure = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
    _refuse_fixed(user, procedure)
    procedure.delete()


def _refuse_fixed(user: User, procedure: Procedure) -> None:
    if reason := why_fixed(user, procedure):
        raise UnableToChangeProcedure(reason)


@dataclass(frozen=True)
class Placed:
    """A step as the form has it, with the place that was typed for it; None for the end."""

    step: Step
    place: int | None


@transaction.atomic
def put_steps(*, procedure: Procedure, user: User, steps: Sequence[Placed], removed: Iterable[Step]) -> None:
    """Store the steps of a draft in the order that was typed, new ones among them, and delete the removed ones.

    A step typed to a place stands there afterwards, the others make room. Where a step led to the next one it leads
    to the one that is next now, and what led to a removed step leads to the one after it. Raises
    UnableToChangeProcedure.
    """
    procedure = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
    _refuse_fixed(user, procedure)
    before = list(procedure.steps.order_by("position"))
    gone = {step.pk for step in removed}
    line = _Line(before, list(Outcome.objects.filter(step__procedure=procedure)))
    sent = {row.step.pk for row in steps} | gone
    unsent = [Placed(step, step.position) for step in before if step.pk not in sent]
    ordered = [row.step for row in sorted([*steps, *unsent], key=_place)]
    codes = {step.code for step in before}
    # No two steps may share a place even for a moment.
    for step in before:
        Step.objects.filter(pk=step.pk).update(position=step.position + APART)
    for position, step in enumerate(ordered, start=1):
        step.procedure, step.position = procedure, position
        if not step.code:
            step.code = _step_code(step.label, codes)
            codes.add(step.code)
        step.save()
    line.lead_on(ordered, gone)
    Step.objects.filter(pk__in=gone).delete()


def _place(row: Placed) -> tuple[float, int, int]:
    was = row.step.position if row.step.pk else 0
    place = float("inf") if row.place is None else row.place
    # Moved forward or new: before whoever stands there; moved back: behind.
    return place, (place > was if was else -1) - (place < was), was


def _step_code(label: str, taken: Collection[str]) -> str:
    letters = "".join(sign for sign in initials(label) if sign.isascii() and sign.isalnum())[:LETTERS] or "step"
    number, code = 1, letters
    while code in taken:
        number += 1
        code = f"{letters}{number}"
    return code


class _Line:
    """How the steps follow one another: each leads to the next one, and the last closes the case."""

    def __init__(self, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> None:
        self.outcomes = outcomes
        self.next_of = dict(pairwise(step.pk for step in steps))
        last = steps[-1].pk if steps else None
        self.closing = [o for o in outcomes if o.step_id == last and o.code == "pass" and o.goes_to_id is None]

    def lead_on(self, steps: Sequence[Step], gone: Collection[int]) -> None:
        """Make what led to the next step lead to the one that is next now; new steps are passed the same way."""
        keys = [step.pk for step in steps]
        following = dict(pairwise(keys))
        end = self.closing[0].closes_as if self.closing else ""
        passed = {outcome.step_id for outcome in self.outcomes if outcome.code == "pass"}
        for outcome in self.outcomes:
            if outcome.step_id in gone:
                continue
            target = outcome.goes_to_id
            next_one = self.next_of.get(outcome.step_id)
            if outcome in self.closing or (target is not None and target == next_one):
                target = following.get(outcome.step_id)
            else:
                while target in gone:
                    target = self.next_of.get(target)
            if target != outcome.goes_to_id:
                self._send(outcome, target, end)
        for step in steps:
            if step.pk not in passed and step.pk not in self.next_of and (end or step.pk in following):
                new = Outcome(step=step, code="pass", label=step.verb)
                self._send(new, following.get(step.pk), end)

    def _send(self, outcome: Outcome, target: int | None, end: str) -> None:
        if target is None and not end:
            # Nothing follows and no ending is known: the step is left without a way, which the faults will say.
            if outcome.pk:
                outcome.delete()
            return
        outcome.goes_to_id, outcome.closes_as = target, "" if target else end
        outcome.save()
