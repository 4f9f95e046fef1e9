"""Items on the same matter (并案): one goes along with another, its main one, and is answered separately."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from casework import services as casework
from casework.models import Act, CaseStatus, Outcome, Stage
from casework.services import CaseWasChanged, UnableToAct
from proposals.models import Consent, Proposal, ReviewResult, Withdrawal
from proposals.services.common import lead_owner, loaded
from proposals.services.stepping import demand

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case

OPEN_TO_OTHERS = (Stage.ASSIGN, Stage.REPLY)


def lock_with_main(*, proposal_id: int, seen_version: int | None, user: User, joins: Proposal | None) -> Case | None:
    """Lock a proposal together with its main item, the one that it is about to join or has joined; return the latter.

    The main one comes before those that follow it, as everywhere. Two that do not follow each other yet are locked in
    the order of their keys: so two people who merge one into the other at once wait in a line and not for each other.
    Raises Proposal.DoesNotExist when the user may not see it, CaseWasChanged when somebody acted since.
    """
    row = Proposal.objects.visible_to(user).filter(pk=proposal_id)
    follows = row.values_list("merged_into", flat=True).get()
    main_id = follows or (joins and joins.pk)
    if main_id is None or main_id == proposal_id:
        return None
    order = [main_id, proposal_id] if follows else sorted([main_id, proposal_id])
    # One who comes late is told so before he waits for the second row.
    locked = {
        key: casework.lock_case(case_id=key, seen_version=seen_version if key == proposal_id else None) for key in order
    }
    if Proposal.objects.values_list("merged_into", flat=True).get(pk=proposal_id) != follows:
        raise CaseWasChanged(locked[proposal_id].events.order_by("-pk").first())
    return locked[main_id]


def why_not_main(proposal: Proposal, main: Proposal) -> str:
    """Return why a proposal cannot join another one, in the clerk's words; empty if it can. Both have their step."""
    if main.pk == proposal.pk:
        return "不能并入它自己。"
    if main.congress_id != proposal.congress_id or main.form != proposal.form:
        return "只能并入本级的同类建议或者议案。"
    if main.merged_into_id is not None:
        return f"「{main}」已经并入别的建议，请选择主件。"
    if main.status == CaseStatus.CLOSED:
        return f"「{main}」已经办结，不能并入。"
    if main.review_result != ReviewResult.REGISTERED or main.step.stage in (Stage.SUBMIT, Stage.REVIEW):
        return f"「{main}」还没有立案，不能并入；请先审查那一件。"
    if main.step.stage not in OPEN_TO_OTHERS:
        return f"「{main}」已经答复，不能再并入。"
    return ""


def check_merge(proposal: Proposal, main: Proposal | None) -> None:
    """Raise UnableToAct where a proposal cannot join another one; both are locked."""
    if main is None:
        raise UnableToAct("并案应当选择并入哪一件。")
    if proposal.merged_into_id is not None:
        raise UnableToAct("本件已经并入别的建议，不能再次并案。")
    main = Proposal.objects.select_related("step").get(pk=main.pk)
    if reason := why_not_main(proposal, main):
        raise UnableToAct(reason)
    if proposal.merged.exists():
        raise UnableToAct("已有别的建议并入本件，本件不能再并入其他建议。")
    if Withdrawal.objects.filter(proposal=main, state=Consent.WAITING).exists():
        raise UnableToAct(f"「{main}」的代表正在申请撤回，不能并入；请等撤回有了结果再办。")


def is_still_joined(proposal: Proposal) -> bool:
    """Say whether the main item, which is locked, can still take along what was merged into it in the review."""
    main = Proposal.objects.select_related("step").get(pk=proposal.merged_into_id)
    return not why_not_main(proposal, main)


def release_merged(*, main: Proposal, became: str, now: dt.datetime) -> None:
    """Let go what was merged into an item that is not handled any more: each goes on by itself, and its deputy is told.

    ``became`` says what became of the main one (已经撤回). In the step of assignment that is owed now; with the units it
    goes on as it is, as it is answered separately anyway. The caller has locked the main one.
    """
    for key in list(main.merged.exclude(status=CaseStatus.CLOSED).order_by("pk").values_list("pk", flat=True)):
        case = casework.lock_case(case_id=key, seen_version=None)
        if case.status == CaseStatus.CLOSED:
            continue
        result = "" if case.step.stage == Stage.REVIEW else ReviewResult.REGISTERED
        Proposal.objects.filter(pk=key).update(merged_into=None, review_result=result)
        proposal = loaded(key)
        said = f"并入的「{main}」{became}，本件单独办理"
        casework.log(case=case, actor=None, verb="unmerge", sentence=said, now=now)
        if case.step.act == Act.ASSIGN:
            demand(case=case, proposal=proposal, outcome=Outcome(step=case.step), from_label=f"主件{became}", now=now)
        casework.inform(case=case, owner=lead_owner(proposal.lead), title=f"单独办理：{case}", body=said, now=now)
