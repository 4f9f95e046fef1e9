"""The proposal itself, who signs it, and what is decided about it before it is handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Role
from bodies.models import Session, Unit
from casework.models import Case, CaseQuerySet, CaseStatus
from deputies.models import Seat
from proposals.models.arrangements import Category, HandlingRules

if TYPE_CHECKING:
    from accounts.models import User

KIND = "proposal"


class ProposalKind(models.TextChoices):
    SUGGESTION = "suggestion", "建议"
    BILL = "bill", "议案"


class Period(models.TextChoices):
    IN_SESSION = "in_session", "大会期间"
    IN_RECESS = "in_recess", "闭会期间"


class Disclosure(models.TextChoices):
    FULL = "full", "同意全文公开"
    TITLE = "title", "仅公开标题"
    NONE = "none", "不公开"


class FormedBy(models.TextChoices):
    """How the deputy came to what is proposed (the national form)."""

    STUDY = "study", "专题调研"
    TALKS = "talks", "座谈"
    OTHER = "other", "走访等其他形式"


class ReviewResult(models.TextChoices):
    REGISTERED = "registered", "立案"
    MERGED = "merged", "并案"
    NOT_REGISTERED = "not_registered", "不予立案"


class NotRegisteredReason(models.TextChoices):
    """What is not a suggestion: the union of what the local regulations list."""

    PERSONAL = "personal", "涉及代表本人或者亲属的个人问题"
    FORWARDED = "forwarded", "代转来信、申诉、控告、检举"
    JUDICIAL = "judicial", "涉及具体司法案件"
    TENDER = "tender", "涉及正在进行的招标投标"
    ACADEMIC = "academic", "属于学术探讨或者产品推介"
    JURISDICTION = "jurisdiction", "不属于本级职权范围"
    EMPTY = "empty", "没有实际内容"
    OTHER = "other", "其他"


class ProposalQuerySet(CaseQuerySet):
    def visible_to(self, user: User) -> ProposalQuerySet:
        """Return the proposals that the user may see.

        Staff and leaders: all of their congress that were ever submitted. Government office: those assigned or waiting for it. A unit:
        those assigned to it. A committee: those that it, or the user in person, oversees. A deputy: the own ones and those co-signed, and registered ones disclosed in full.
        A deputy also sees what he is asked to sign. A township: those led by deputies of its own delegation, and those
        of its own congress. Others: none.
        """
        hat = user.hat
        if hat is None:
            return self.none()
        here = Q(congress_id=hat.congress_id)
        submitted = Q(submitted_on__isnull=False)
        match hat.role:
            case Role.STAFF | Role.LEADER:
                condition = here & submitted
            case Role.GOV_OFFICE:
                handled = Q(pk__in=Proposal.objects.order_by().filter(rounds__isnull=False).values("pk"))
                condition = here & (handled | Q(step__actor_role=Role.GOV_OFFICE, status=CaseStatus.OPEN))
            case Role.UNIT:
                # The units' parts are tables further down the package.
                parts = apps.get_model("proposals", "Assignment").objects.filter(unit_id=hat.unit_id)
                condition = Q(pk__in=parts.values("round__proposal"))
            case Role.COMMITTEE:
                overseen = apps.get_model("proposals", "Oversight").objects.in_force()
                overseen = overseen.filter(Q(overseer=user) | Q(committee=hat.committee_id))
                condition = here & Q(pk__in=overseen.values("proposal"))
            case Role.TOWNSHIP:
                condition = (here | Q(lead__delegation__township_id=hat.congress_id)) & submitted
            case Role.DEPUTY:
                own = Q(lead__person__user=user)
                asked = Cosignature.objects.filter(seat__person__user=user).exclude(state=CosignatureState.LAPSED)
                cosigned = Q(pk__in=asked.values("proposal"))
                # What was merged is registered once it has its number, and is answered for itself.
                numbered = Q(review_result=ReviewResult.MERGED, number__isnull=False)
                registered = Q(review_result=ReviewResult.REGISTERED) | numbered
                public = here & Q(disclosure=Disclosure.FULL) & registered
                condition = own | cosigned | public
            case _:
                return self.none()
        return self.filter(condition)


class Proposal(Case):
    """A suggestion or bill. Title, procedure and current step are the case's."""

    rules = models.ForeignKey(
        HandlingRules, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="办理规则"
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="proposals", verbose_name="会次")
    receipt_no = models.PositiveIntegerField("收件号", null=True, blank=True)
    number = models.PositiveIntegerField("编号", null=True, blank=True)
    form = models.CharField("类型", max_length=10, choices=ProposalKind, default=ProposalKind.SUGGESTION)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="类别"
    )
    nature = models.CharField("性质", max_length=40, blank=True)
    period = models.CharField("提出时期", max_length=10, choices=Period, default=Period.IN_RECESS)
    disclosure = models.CharField("公开属性", max_length=10, choices=Disclosure, default=Disclosure.TITLE)
    submitted_on = models.DateField("提出日期", null=True, blank=True)
    review_result = models.CharField("审查结论", max_length=20, choices=ReviewResult, blank=True)
    not_registered_reason = models.CharField("不予立案理由", max_length=20, choices=NotRegisteredReason, blank=True)
    lead = models.ForeignKey(Seat, models.PROTECT, related_name="proposals", verbose_name="领衔代表")
    paper_cosigners = models.PositiveIntegerField("附议人数（纸质）", default=0)
    suggested_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建议承办单位"
    )
    body = models.TextField("正文", blank=True, help_text="建议的内容；议案的案由")
    grounds = models.TextField("案据", blank=True)
    plan = models.TextField("方案", blank=True)
    formed_by = models.CharField("形成方式", max_length=10, choices=FormedBy, blank=True)
    wants_contact = models.BooleanField("希望承办单位加强联系沟通", default=False)
    self_checked_at = models.DateTimeField("自检时间", null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="并入"
    )
    is_key = models.BooleanField("重点督办", default=False)
    key_meeting = models.CharField("确定重点督办的主任会议", max_length=100, blank=True)
    key_decided_on = models.DateField("确定重点督办的日期", null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建议议案"
        ordering = ["-submitted_on", F("number").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="proposal_number_once_per_session"),
            models.UniqueConstraint(fields=["session", "receipt_no"], name="proposal_receipt_once_per_session"),
            models.CheckConstraint(condition=Q(form__in=ProposalKind.values), name="proposal_known_form"),
            models.CheckConstraint(
                condition=Q(review_result="not_registered") | Q(not_registered_reason=""),
                name="proposal_reason_only_if_not_registered",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(~Q(merged_into=F("pk")), review_result="merged"),
                name="proposal_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(is_key=False, key_meeting="", key_decided_on__isnull=True)
                | Q(~Q(key_meeting=""), is_key=True, key_decided_on__isnull=False),
                name="proposal_key_by_a_meeting",
            ),
        ]
        indexes = [
            models.Index(fields=["submitted_on", "number", "case_ptr"], name="proposal_order"),
            models.Index(fields=["number"], name="proposal_number"),
            models.Index(fields=["receipt_no"], name="proposal_receipt_no"),
            models.Index(fields=["lead"]),
        ]

    @property
    def display_no(self) -> str:
        """The number as lists show it; before registration the receipt number."""
        if self.number is not None:
            return f"第{self.number}号"
        return f"收件{self.receipt_no}号" if self.receipt_no is not None else ""


class CosignatureState(models.TextChoices):
    INVITED = "invited", "待联名"
    ACCEPTED = "accepted", "已联名"
    DECLINED = "declined", "不联名"
    LAPSED = "lapsed", "已失效"


class CosignatureQuerySet(models.QuerySet):
    def signed(self) -> CosignatureQuerySet:
        """Return those that were given, not those only asked for or declined."""
        return self.filter(state=CosignatureState.ACCEPTED)


class Cosignature(models.Model):
    """A deputy who signs a proposal of another (附议), or was asked to.

    ``text_digest`` is that of the text that was signed: a signature does not cover what was changed afterwards. Empty
    for signatures on paper and for imported ones.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="cosignatures", verbose_name="建议议案")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="cosignatures", verbose_name="附议代表")
    state = models.CharField("状态", max_length=10, choices=CosignatureState, default=CosignatureState.ACCEPTED)
    invited_at = models.DateTimeField("邀请时间", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    text_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = CosignatureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附议"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "seat"], name="cosignature_once"),
            models.CheckConstraint(condition=Q(state__in=CosignatureState.values), name="cosignature_known_state"),
        ]

    def __str__(self) -> str:
        return str(self.seat)


class Gate(models.TextChoices):
    """The three gates of quality (三关)."""

    GUIDANCE = "guidance", "指导关"
    STUDY = "study", "调研关"
    QUALITY = "quality", "质量关"


class GateCheck(models.Model):
    """One gate of quality that a proposal has passed, and who saw to it."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="gate_checks", verbose_name="建议议案")
    gate = models.CharField("关口", max_length=10, choices=Gate)
    note = models.CharField("说明", max_length=500, blank=True)
    passed_at = models.DateTimeField("通过时间")
    passed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="把关人")

    class Meta:
        verbose_name = verbose_name_plural = "把关记录"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "gate"], name="gate_once_per_proposal"),
            models.CheckConstraint(condition=Q(gate__in=Gate.values), name="gate_known"),
        ]

    def __str__(self) -> str:
        return self.get_gate_display()


class Consent(models.TextChoices):
    WAITING = "waiting", "待答复"
    AGREED = "agreed", "同意"
    REFUSED = "refused", "不同意"


class Withdrawal(models.Model):
    """A deputy's request to withdraw a proposal; by some rules all co-signers must consent (上海 16)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="withdrawals", verbose_name="建议议案")
    reason = models.CharField("撤回理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=Consent, default=Consent.WAITING)
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    settled_at = models.DateTimeField("结果时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "撤回"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(state="waiting"), name="withdrawal_one_waiting_per_proposal"
            ),
            models.CheckConstraint(condition=Q(state__in=Consent.values), name="withdrawal_known_state"),
        ]

    def __str__(self) -> str:
        return self.reason


class WithdrawalConsent(models.Model):
    """What one co-signer says to the withdrawal."""

    withdrawal = models.ForeignKey(Withdrawal, models.CASCADE, related_name="consents", verbose_name="撤回")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="联名代表")
    answer = models.CharField("意见", max_length=10, choices=Consent, default=Consent.WAITING)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "联名代表对撤回的意见"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["withdrawal", "seat"], name="withdrawal_consent_once"),
            models.CheckConstraint(condition=Q(answer__in=Consent.values), name="withdrawal_consent_known"),
        ]

    def __str__(self) -> str:
        return f"{self.seat}：{self.get_answer_display()}"


class MilestoneKind(models.TextChoices):
    AGENDA = "agenda", "列入会议议程"
    REPORT = "report", "听取专项报告"
    INQUIRY = "inquiry", "专题询问"
    INSPECTION = "inspection", "视察调研"
    PROGRESS = "progress", "办理进展"
    OTHER = "other", "其他"


class Milestone(models.Model):
    """What became of a bill or suggestion over the years, also after it was closed (多年跟踪)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="milestones", verbose_name="建议议案")
    kind = models.CharField("事项", max_length=12, choices=MilestoneKind)
    happened_on = models.DateField("日期")
    meeting = models.CharField("会议", max_length=100, blank=True)
    text = models.CharField("情况", max_length=1000)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "跟踪记录"
        ordering = ["happened_on", "pk"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=MilestoneKind.values), name="milestone_known_kind")]

    def __str__(self) -> str:
        return f"{self.happened_on} {self.get_kind_display()}"
