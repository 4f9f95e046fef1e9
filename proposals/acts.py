"""Every act on a proposal as one table: the form that checks what was sent, and the service that does it.

The codes are those of ``abilities``. The pages of ``views`` and the API ask for an act by the same line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import Role
from casework.calendar import spoken
from proposals import forms, services
from proposals.forms import overseeing, signing
from proposals.forms.base import PlainForm
from proposals.forms.drafting import initial_of
from proposals.models import Consent, Gate
from proposals.queries import parts
from proposals.queries.commitments import to_act_on
from proposals.queries.rating import rating_desk
from proposals.queries.signing import colleagues
from proposals.rules import has_longer_reply, text_digest
from proposals.services import withdrawing
from proposals.services.inspecting import demands_of
from proposals.services.overseeing import in_force, overseers_of
from proposals.services.signing import answer_invitation, invite, signatures_of

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import HandlingRound, Proposal

# What a deputy confirms when he hands in, and no part of the draft.
CHECKED = ("not_suggestion", "self_checked")
Making = Callable[["User", "Proposal"], Mapping[str, Any]]


def _nothing(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Act:
    """How an act is asked for and done; ``making`` returns what its form is made with for a user and a proposal.

    ``is_versioned``: whoever acts must have seen the proposal as it stands.
    """

    label: str
    form: type[PlainForm]
    service: Callable[..., object]
    making: Making = _nothing
    is_versioned: bool = True

    def make_form(self, user: User, proposal: Proposal, data: Any = None) -> PlainForm:
        """Return the form, bound to what was sent, if anything was."""
        return self.form(data, **self.making(user, proposal))


class KeptForm(forms.DraftForm):
    """A form over a draft that is kept already: what is not sent stays as it is. ``kept_back`` cannot be sent."""

    kept_back: tuple[str, ...] = ()

    def __init__(self, *args: Any, kept: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        self.sendable = {name: field for name, field in self.fields.items() if name not in self.kept_back}

    def full_clean(self) -> None:
        """Check what was sent together with what is kept."""
        if self.is_bound:
            self.data = {**self.kept, **self.data}
        super().full_clean()


class EditForm(KeptForm):
    """Changes of a draft."""

    kept_back = ("request_key", *CHECKED)

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given."""
        return self.fields_of_draft()


class SubmitForm(KeptForm):
    """The check before handing in; the text is the one that is kept."""

    kept_back = tuple(name for name in forms.DraftForm.base_fields if name not in ("version", *CHECKED))

    def full_clean(self) -> None:
        """Ask for the check as the page does, once nothing else is wrong."""
        super().full_clean()
        if self.is_bound and not self._errors:
            self.is_ready()

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given."""
        return {"self_checked": True}


class AnswerForm(signing.CosignForm):
    """A deputy's answer to an invitation, by the digest of the text that was read."""

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given."""
        return {"seen_digest": self.cleaned_data["digest"], "agrees": self.cleaned_data["answer"] == "yes"}


def _without_version(service: Callable[..., object]) -> Callable[..., object]:
    """Return a service that takes no version: those asked answer side by side, on a text or a wish that stands."""

    def do(*, seen_version: int | None, **given: Any) -> object:
        del seen_version
        return service(**given)

    return do


def _draft(user: User, proposal: Proposal) -> Mapping[str, Any]:
    kept = {name: value for name, value in initial_of(proposal).items() if value is not None and name != "version"}
    return {"congress": proposal.congress, "kept": kept | {"title": proposal.title}}


def _round(proposal: Proposal) -> HandlingRound | None:
    return parts.round_in_progress(proposal)


def _taken(proposal: Proposal) -> dict[str, Any]:
    taken = {part.unit_id for part in parts.parts_of(_round(proposal))}
    return {"congress": proposal.congress, "taken": taken}


def _review(user: User, proposal: Proposal) -> Mapping[str, Any]:
    outcomes = list(proposal.step.outcomes.select_related("goes_to", "step")) if proposal.step else []
    return {"proposal": proposal, "outcomes": outcomes, "user": user}


def _assign(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {"congress": proposal.congress, "has_longer_reply": has_longer_reply(proposal.rules)}


def _distribute(user: User, proposal: Proposal) -> Mapping[str, Any]:
    there = parts.parts_of(_round(proposal))
    return {
        "congress": proposal.congress,
        "taken": {part.unit_id for part in there},
        "has_lead": any(part.role == "lead" for part in there),
        "has_units": any(part.role != "assist" for part in there),
    }


def _decide_return(user: User, proposal: Proposal) -> Mapping[str, Any]:
    waiting = parts.waiting_returns(user, proposal, _round(proposal))
    return _taken(proposal) | {"rows": [(row.pk, str(row.assignment)) for row in waiting]}


def _reassign(user: User, proposal: Proposal) -> Mapping[str, Any]:
    rows = parts.parts_to_reassign(user, _round(proposal))
    labels = [(part.pk, f"{part}，{'已签收' if part.acknowledged_at else '未签收'}") for part in rows]
    return _taken(proposal) | {"rows": labels}


def _decide_extension(user: User, proposal: Proposal) -> Mapping[str, Any]:
    waiting = parts.waiting_extensions(user, proposal, _round(proposal))
    return {"rows": [(row.pk, str(row.assignment)) for row in waiting]}


def _send_back(user: User, proposal: Proposal) -> Mapping[str, Any]:
    round_ = _round(proposal)
    standing = parts.standing_opinions(round_) if parts.own_part(user, round_) else []
    return {"rows": [(row.pk, str(row.assignment.unit)) for row in standing]}


def _reply(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {"term": proposal.lead.term, "required": proposal.step.required if proposal.step else ()}


def _rate(user: User, proposal: Proposal) -> Mapping[str, Any]:
    desk = rating_desk(user, proposal)
    return {"rows": desk.for_others, "sums_up": desk.sums_up}


def _gate(user: User, proposal: Proposal) -> Mapping[str, Any]:
    passed = set(proposal.gate_checks.values_list("gate", flat=True))
    return {"rows": [one for one in Gate if one not in passed]}


def _of_commitment(act: str) -> Making:
    return lambda user, proposal: {"rows": to_act_on(user, proposal, act)}


def _invite(user: User, proposal: Proposal) -> Mapping[str, Any]:
    today = timezone.localdate()
    seats, signatures = colleagues(proposal, today), signatures_of(proposal, today)
    why_not = {seat.pk: "没有账号" for seat in seats if seat.person.user is None or not seat.person.user.is_active}
    why_not |= {row.seat_id: "待联名" for row in signatures.rows if row.state == "invited"}
    why_not |= {row.seat_id: "已联名" for row in signatures.valid}
    return {"seats": seats, "why_not": why_not}


def _cosign(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {"initial": {"digest": text_digest(proposal)}}


def _withdraw(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {"is_staff": user.has_role(Role.STAFF)}


def _consent(user: User, proposal: Proposal) -> Mapping[str, Any]:
    asked = proposal.withdrawals.filter(state=Consent.WAITING).first()
    rows = asked.consents.select_related("seat__person").filter(answer=Consent.WAITING) if asked else ()
    return {"is_staff": user.has_role(Role.STAFF), "rows": [(row.seat_id, row.seat.person.name) for row in rows]}


def _oversee(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {"rows": list(overseers_of(proposal.congress))}


def _lift(user: User, proposal: Proposal) -> Mapping[str, Any]:
    return {"rows": [(row.pk, f"{row}（{row.meeting}）") for row in in_force(proposal.pk)]}


def _rectify(user: User, proposal: Proposal) -> Mapping[str, Any]:
    rows = demands_of(user, proposal.pk)
    return {"rows": [(row.pk, f"{row.demand}（期限{spoken(row.due_on)}）") for row in rows]}


ACTS: dict[str, Act] = {
    "edit": Act("修改草稿", EditForm, services.update_draft, _draft),
    "submit": Act("提交", SubmitForm, services.submit, _draft),
    "invite": Act("邀请联名", signing.InviteForm, invite, _invite),
    "cosign": Act("答复联名邀请", AnswerForm, _without_version(answer_invitation), _cosign, is_versioned=False),
    "withdraw": Act("撤回", signing.WithdrawForm, withdrawing.withdraw, _withdraw),
    "consent": Act(
        "答复撤回意见",
        signing.ConsentForm,
        _without_version(withdrawing.answer_withdrawal),
        _consent,
        is_versioned=False,
    ),
    "review": Act("审查", forms.ReviewForm, services.review, _review),
    "gate": Act("登记把关", forms.GateForm, services.pass_gates, _gate),
    "convert": Act("转换类型", forms.ConvertForm, services.convert),
    "key": Act("确定重点督办", forms.KeyForm, services.mark_key),
    "milestone": Act("登记跟踪情况", forms.MilestoneForm, services.add_milestone),
    "assign": Act("交办", forms.AssignForm, services.assign, _assign),
    "distribute": Act("分办", forms.DistributeForm, services.distribute, _distribute),
    "return": Act("申请退办", forms.ReturnForm, services.ask_return, lambda _, proposal: _taken(proposal)),
    "decide-return": Act("审批退办", forms.DecideReturnForm, services.decide_return, _decide_return),
    "reassign": Act("改办", forms.ReassignForm, services.reassign, _reassign),
    "extend": Act("申请延期", forms.ExtendForm, services.ask_extension),
    "decide-extension": Act("审批延期", forms.DecideExtensionForm, services.decide_extension, _decide_extension),
    "opinion": Act("提出协办意见", forms.OpinionForm, services.give_opinion),
    "send-back": Act("退回协办意见", forms.SendBackForm, services.send_back_opinion, _send_back),
    "acknowledge": Act("签收", PlainForm, services.acknowledge),
    "contact": Act("登记联系", forms.ContactForm, services.record_contact),
    "in-person": Act("登记当面答复", forms.InPersonForm, services.record_in_person),
    "reply": Act("提交答复", forms.ReplyForm, services.reply, _reply),
    "rate": Act("评价", forms.RateForm, services.rate, _rate),
    "close-unrated": Act("按未评价办结", forms.CloseUnratedForm, services.close_unrated),
    "commit": Act("登记承诺事项", forms.CommitForm, services.commit),
    "commitment-report": Act(
        "报告承诺落实", forms.ReportCommitmentForm, services.report_commitment, _of_commitment("commitment-report")
    ),
    "commitment-verify": Act(
        "核实承诺", forms.VerifyCommitmentForm, services.verify_commitment, _of_commitment("commitment-verify")
    ),
    "commitment-change": Act(
        "调整承诺期限", forms.ChangeCommitmentForm, services.change_commitment, _of_commitment("commitment-change")
    ),
    "look-back": Act("登记回头督", forms.LookBackForm, services.look_back, _of_commitment("look-back")),
    "commitment-rate": Act(
        "评价承诺落实", forms.RateCommitmentForm, services.rate_commitment, _of_commitment("commitment-rate")
    ),
    "oversee": Act("确定督办", overseeing.OverseeForm, services.set_oversight, _oversee),
    "lift": Act("解除督办", overseeing.LiftForm, services.lift_oversight, _lift),
    "rectify": Act("报告整改情况", overseeing.RectifyForm, services.rectify, _rectify),
    "evaluate": Act("提出评估", overseeing.EvaluateForm, services.open_evaluation),
}
# What the same act is where it was done already, or is going on.
SECOND = {
    "key": Act("取消重点督办", forms.NoLongerKeyForm, services.unmark_key),
    "evaluate": Act("登记评估结论", overseeing.ConcludeForm, services.conclude_evaluation),
}


def act_of(code: str, user: User, proposal: Proposal) -> Act:
    """Return an act as it is for this user and proposal. At most one query."""
    second = (code == "key" and proposal.is_key) or (
        code == "evaluate" and proposal.evaluations.visible_to(user).waiting().exists()
    )
    return SECOND[code] if second else ACTS[code]
