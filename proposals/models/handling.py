"""Rounds of handling: who was given what, and what passes between the units and the office until the reply."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from bodies.models import Unit
from proposals.models.proposal import Proposal


class HandlingRound(models.Model):
    """One round of handling; a dissatisfied deputy opens the next one and the earlier ones stay.

    The joint grades are what several deputies' ratings came to, each for themselves; empty where the lead rates.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="rounds", verbose_name="建议议案")
    number = models.PositiveSmallIntegerField("轮次")
    opened_at = models.DateTimeField("开始时间")
    reason = models.CharField("缘由", max_length=300, blank=True)
    is_complex = models.BooleanField("涉及面广、处理难度大", default=False)
    joint_attitude = models.CharField("综合评价（办理态度）", max_length=20, blank=True)
    joint_result = models.CharField("综合评价（办理结果）", max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理轮次"
        ordering = ["proposal", "number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="round_number_once")]

    def __str__(self) -> str:
        return f"第{self.number}轮"


class AssignmentRole(models.TextChoices):
    LEAD = "lead", "主办"
    ASSIST = "assist", "协办"
    SEPARATE = "separate", "分办"


class Distribution(models.Model):
    """What was handed to the government office of a round, to be split among departments (第二级交办)."""

    round = models.OneToOneField(HandlingRound, models.CASCADE, related_name="distribution", verbose_name="办理轮次")
    handed_on = models.DateField("交办日期")
    due_on = models.DateField("答复期限", null=True, blank=True, help_text="人大常委会确定的答复期限；空为按规则计算")
    note = models.CharField("交办意见", max_length=500, blank=True)
    distributed_at = models.DateTimeField("分办时间", null=True, blank=True)
    distributed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分办人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "政府办分办"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.round} 政府办分办"


class AssignmentQuerySet(models.QuerySet):
    def in_force(self) -> AssignmentQuerySet:
        """Return what the units still have, not what was returned or given to another."""
        return self.filter(ended_at__isnull=True)


class EndedAs(models.TextChoices):
    RETURNED = "returned", "已退办"
    REASSIGNED = "reassigned", "已改办"


class Assignment(models.Model):
    """A unit's task in one round: lead, assisting or separate handling.

    ``via_office`` says that the government office gave it, which then also decides on returns. What was returned or
    given to another unit stays with ``ended_at``.
    """

    round = models.ForeignKey(HandlingRound, models.CASCADE, related_name="assignments", verbose_name="办理轮次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="承办单位")
    role = models.CharField("承办方式", max_length=10, choices=AssignmentRole)
    assigned_on = models.DateField("交办日期", null=True, blank=True)
    due_on = models.DateField("答复期限", null=True, blank=True)
    acknowledged_at = models.DateTimeField("签收时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人"
    )
    via_office = models.BooleanField("经政府办分办", default=False)
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    ended_as = models.CharField("终止方式", max_length=10, choices=EndedAs, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "交办"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit"], condition=Q(ended_at__isnull=True), name="assignment_unit_once_per_round"
            ),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(role="lead", ended_at__isnull=True),
                name="assignment_one_lead_per_round",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="") | Q(~Q(ended_as=""), ended_at__isnull=False),
                name="assignment_ended_iff_how",
            ),
            models.CheckConstraint(condition=Q(role__in=AssignmentRole.values), name="assignment_known_role"),
        ]
        indexes = [models.Index(fields=["unit", "role"])]

    def __str__(self) -> str:
        return f"{self.unit}（{self.get_role_display()}）"


class RequestState(models.TextChoices):
    WAITING = "waiting", "待审批"
    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"
    VOID = "void", "已失效"


class Request(models.Model):
    """What a unit asks for in its task, and what was decided."""

    reason = models.TextField("理由")
    signed_by = models.CharField("单位负责人", max_length=60, blank=True, help_text="在纸质申请上签字的主要负责人")
    requested_at = models.DateTimeField("申请时间")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    state = models.CharField("状态", max_length=10, choices=RequestState, default=RequestState.WAITING)
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decision_note = models.CharField("审批意见", max_length=500, blank=True)

    class Meta:
        abstract = True
        ordering = ["pk"]


class ReturnRequest(Request):
    """A unit's request to be relieved of a task that is not its own (退办)."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="return_requests", verbose_name="交办")
    suggested_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建议改办单位"
    )

    class Meta(Request.Meta):
        verbose_name = verbose_name_plural = "退办申请"
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(state="waiting"), name="return_request_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} 退办申请"


class ExtensionRequest(Request):
    """A unit's request for a later date of its reply (延期)."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="extension_requests", verbose_name="交办")
    due_before = models.DateField("原答复期限")
    wanted_until = models.DateField("申请延至")
    granted_until = models.DateField("批准延至", null=True, blank=True)

    class Meta(Request.Meta):
        verbose_name = verbose_name_plural = "延期申请"
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(state="waiting"), name="extension_request_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(state="granted", granted_until__isnull=False)
                | Q(~Q(state="granted"), granted_until__isnull=True),
                name="extension_date_iff_granted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} 延期申请"


class AssistOpinion(models.Model):
    """What an assisting unit tells the lead unit (协办意见). One sent back stays; the next is another row."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="opinions", verbose_name="交办")
    body = models.TextField("协办意见")
    given_at = models.DateTimeField("提出时间")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    sent_back_at = models.DateTimeField("退回时间", null=True, blank=True)
    sent_back_why = models.CharField("退回理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "协办意见"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(sent_back_at__isnull=True), name="assist_opinion_one_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} 协办意见"


class ContactWay(models.TextChoices):
    MEETING = "meeting", "召开座谈会"
    VISIT = "visit", "上门征求意见"
    PHONE = "phone", "电话联系"
    OTHER = "other", "其他"


class ContactPhase(models.TextChoices):
    """办前、办中、办后 (D7)."""

    BEFORE = "before", "办理前对接"
    DURING = "during", "办理中调研"
    AFTER = "after", "办理后交流"


class Contact(models.Model):
    """A unit's contact with the deputy; a reply needs at least one (代表法 51)."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="contacts", verbose_name="交办")
    contacted_on = models.DateField("联系日期")
    phase = models.CharField("阶段", max_length=10, choices=ContactPhase, default=ContactPhase.DURING)
    way = models.CharField("联系方式", max_length=10, choices=ContactWay)
    summary = models.TextField("沟通情况")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "联系代表记录"
        ordering = ["contacted_on", "pk"]

    def __str__(self) -> str:
        return f"{self.contacted_on} {self.get_way_display()}"
