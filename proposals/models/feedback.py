"""What the deputies make of the handling."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from deputies.models import Seat
from proposals.models.handling import HandlingRound


class Grade(models.TextChoices):
    SATISFIED = "satisfied", "满意"
    BASICALLY = "basically", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    NONE = "none", "未表态"


class Communication(models.TextChoices):
    """How the unit got in touch with the deputy, as the deputy remembers it."""

    MEETING = "meeting", "座谈"
    VISIT = "visit", "上门"
    PHONE = "phone", "电话"
    OTHER = "other", "其他"
    NONE = "none", "没有沟通"


class Adoption(models.TextChoices):
    """How far the unit took the proposal up, in the deputy's view."""

    ADOPTED = "adopted", "采纳"
    PARTLY = "partly", "部分采纳"
    NOT = "not", "没有采纳"


class Feedback(models.Model):
    """A deputy's judgement of one round on two dimensions (征询意见表): the lead's, or of each who signed."""

    round = models.ForeignKey(HandlingRound, models.CASCADE, related_name="feedbacks", verbose_name="办理轮次")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="feedbacks", verbose_name="代表")
    attitude = models.CharField("办理态度", max_length=20, choices=Grade)
    result = models.CharField("办理结果", max_length=20, choices=Grade)
    opinion = models.TextField("具体意见", blank=True)
    communication = models.CharField("沟通方式", max_length=10, choices=Communication, blank=True)
    adoption = models.CharField("采纳情况", max_length=10, choices=Adoption, blank=True)
    cosigners_said = models.TextField("联名代表的意见", blank=True)
    given_at = models.DateTimeField("评价时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    is_imported = models.BooleanField("导入", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "代表评价"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "seat"], name="feedback_once_per_round_and_seat"),
            models.CheckConstraint(
                condition=~Q(Q(attitude="dissatisfied") | Q(result="dissatisfied"), opinion="", is_imported=False),
                name="feedback_dissatisfied_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_attitude_display()}/{self.get_result_display()}"
