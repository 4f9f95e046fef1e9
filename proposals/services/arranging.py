"""By which procedure and rules the new proposals of a term are handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.permissions import is_system_administrator, keeps_registers
from bodies.pinyin import initials
from casework.models import Procedure
from proposals.models import KIND, Arrangement, HandlingRules

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_NAME = 100
LETTERS = 30


class UnableToArrange(Exception):
    """The arrangement is not possible; the message says why and what to do."""


def may_copy_rules(user: User) -> bool:
    """Say whether the user may copy rules at all: staff for their congress, the administrator for all."""
    return is_system_administrator(user) or keeps_registers(user)


def why_rules_fixed(user: User, rules: HandlingRules) -> str:
    """Return why the user may not change rules, with what he can do instead; empty when he may."""
    if rules.congress_id is None:
        return "这是系统自带的办理规则，在这里只能查看。需要修改的，请复制一份，改复制出来的那一份。"
    if not keeps_registers(user) or rules.congress_id != user.hat.congress_id:
        return f"这是{rules.congress}的办理规则，在这里只能查看。需要修改的，请复制一份，改复制出来的那一份。"
    if rules.proposals.exists():
        return f"已有建议议案按「{rules}」办理，规则不能再改。请复制一份修改，再在「办理安排」中选用。"
    return ""


@transaction.atomic
def copy_rules(*, rules: HandlingRules, user: User, name: str) -> HandlingRules:
    """Copy rules under another name for the user's congress and return the copy. Raises UnableToArrange."""
    if not may_copy_rules(user):
        raise UnableToArrange("只有代表工委工作人员和系统管理员可以复制办理规则。")
    # One copies at a time, so that no two take the same code.
    list(HandlingRules.objects.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    source = HandlingRules.objects.visible_to(user).filter(pk=rules.pk).first()
    if source is None:
        raise UnableToArrange("没有找到要复制的办理规则，请返回列表重新选择。")
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise UnableToArrange(f"请填写新规则的名称，不超过 {LONGEST_NAME} 个字。")
    if HandlingRules.objects.visible_to(user).filter(name=name).exists():
        raise UnableToArrange(f"已经有名为「{name}」的办理规则，请换一个名称。")
    source.pk, source.name, source.code = None, name, _code(name)
    source._state.adding = True  # noqa: SLF001 - as Django documents the copying of rows
    source.congress = None if is_system_administrator(user) else user.hat.congress
    source.save()
    return source


def _code(name: str) -> str:
    letters = "".join(sign for sign in initials(name) if sign.isascii() and sign.isalnum())[:LETTERS] or "rules"
    taken = set(HandlingRules.objects.filter(code__startswith=letters).values_list("code", flat=True))
    number = 1
    while (code := f"{letters}-{number}") in taken:
        number += 1
    return code


@transaction.atomic
def arrange(*, arrangement: Arrangement, user: User) -> Arrangement:
    """Store what a term's new proposals start with; those that have begun keep theirs.

    Raises UnableToArrange for a term of another congress, and for a procedure that is not in force or not the user's
    to choose.
    """
    if not keeps_registers(user) or arrangement.term.congress_id != user.hat.congress_id:
        raise UnableToArrange("只能安排本级人大各届的办理。")
    choices = Procedure.objects.visible_to(user).filter(case_kind=KIND, is_active=True)
    # Whoever activates another version waits, and then takes this term along.
    if not choices.select_for_update(of=("self",), no_key=True).filter(pk=arrangement.procedure_id).exists():
        raise UnableToArrange("所选的办理程序刚刚停用，请选择启用的程序。")
    if not HandlingRules.objects.visible_to(user).filter(pk=arrangement.rules_id).exists():
        raise UnableToArrange("没有找到所选的办理规则，请重新选择。")
    arrangement.save()
    return arrangement


def follow_procedure(procedure: Procedure, before: Procedure | None) -> None:
    """Let the terms that used the version before take the procedure that was put into force in its place."""
    if before is not None:
        Arrangement.objects.filter(procedure=before).update(procedure=procedure)
