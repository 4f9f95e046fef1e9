"""What units promised in their replies and still have to keep (承诺解决台账)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from bodies.models import Unit
from proposals.models.feedback import Grade
from proposals.models.handling import Assignment
from proposals.models.proposal import Proposal

if TYPE_CHECKING:
    from accounts.models import User


class CommitmentState(models.TextChoices):
    OPEN = "open", "落实中"
    CLAIMED = "claimed", "待核实"
    KEPT = "kept", "已落实"
    DROPPED = "dropped", "不能落实"


class CommitmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CommitmentQuerySet:
        """Return the commitments on proposals that the user may see; a unit sees its own."""
        seen = self.filter(proposal__in=Proposal.objects.visible_to(user).order_by().values("pk"))
        if user.hat is not None and user.hat.unit_id is not None:
            return seen.filter(unit_id=user.hat.unit_id)
        return seen

    def pending(self) -> CommitmentQuerySet:
        """Return what has neither been kept nor given up."""
        return self.filter(state__in=[CommitmentState.OPEN, CommitmentState.CLAIMED])


class Commitment(models.Model):
    """One matter that a unit promised to settle by a day; it lives on after the reply, the year and the term.

    ``assignment`` is the part in which it was promised, ``unit`` whoever owes it now.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="commitments", verbose_name="建议议案")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="commitments", verbose_name="交办")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="commitments", verbose_name="承办单位")
    matter = models.CharField("承诺事项", max_length=500)
    responsible = models.CharField("责任人", max_length=60, blank=True)
    made_on = models.DateField("承诺日期")
    due_on = models.DateField("完成期限")
    state = models.CharField("状态", max_length=10, choices=CommitmentState, default=CommitmentState.OPEN)
    settled_on = models.DateField("落实日期", null=True, blank=True)
    rating = models.CharField("代表对落实的评价", max_length=20, choices=Grade, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承诺事项"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(matter=""), name="commitment_says_what"),
            models.CheckConstraint(condition=Q(state__in=CommitmentState.values), name="commitment_known_state"),
            models.CheckConstraint(condition=Q(due_on__gte=F("made_on")), name="commitment_due_after_made"),
            models.CheckConstraint(
                condition=Q(state__in=["kept", "dropped"], settled_on__isnull=False)
                | Q(state__in=["open", "claimed"], settled_on__isnull=True),
                name="commitment_settled_iff_date",
            ),
            models.CheckConstraint(condition=Q(rating="") | Q(state="kept"), name="commitment_rated_once_kept"),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="commitment_of_unit")]

    def __str__(self) -> str:
        return self.matter


class CommitmentStepKind(models.TextChoices):
    """What happened to a commitment."""

    PROGRESS = "progress", "报告进展"
    CLAIM = "claim", "申报落实"
    CONFIRM = "confirm", "核实落实"
    SEND_BACK = "send_back", "退回继续落实"
    RESCHEDULE = "reschedule", "调整期限"
    EXPLAIN = "explain", "说明不能落实"
    LOOK_BACK = "look_back", "回头督"
    RATE = "rate", "代表评价"


class CommitmentStep(models.Model):
    """One line of what became of a commitment. Lines are added, never changed."""

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="steps", verbose_name="承诺事项")
    kind = models.CharField("事项", max_length=12, choices=CommitmentStepKind)
    happened_on = models.DateField("日期")
    text = models.TextField("情况")
    document_no = models.CharField("再次答复文号", max_length=60, blank=True)
    due_before = models.DateField("原期限", null=True, blank=True)
    due_on = models.DateField("新期限", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "承诺落实经过"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CommitmentStepKind.values), name="commitment_step_known_kind"),
            models.CheckConstraint(
                condition=Q(kind="reschedule", due_before__isnull=False, due_on__isnull=False)
                | Q(~Q(kind="reschedule"), due_before__isnull=True, due_on__isnull=True),
                name="commitment_step_dates_iff_rescheduled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_on} {self.get_kind_display()}"
