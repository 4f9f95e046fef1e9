"""Appointments and removals: one row per person, post and wording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import Role
from bodies.models import Congress, Meeting

if TYPE_CHECKING:
    from accounts.models import User


class Wording(models.TextChoices):
    """What the standing committee decides about a person and a post (组织法 50)."""

    APPOINT = "appoint", "任命"
    DECIDE_APPOINT = "decide_appoint", "决定任命"
    REMOVE = "remove", "免职"
    DECIDE_REMOVE = "decide_remove", "决定免职"
    APPROVE_APPOINT = "approve_appoint", "批准任命"
    APPROVE_REMOVE = "approve_remove", "批准免职"
    ACTING = "acting", "决定代理"
    ACCEPT_RESIGNATION = "accept_resignation", "接受辞职"
    DISMISS = "dismiss", "撤职"


class AppointmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> AppointmentQuerySet:
        """Return the items of the congress that a member of its staff or a leader acts for; nobody else sees any."""
        hat = user.hat
        if hat is None or hat.role not in (Role.STAFF, Role.LEADER):
            return self.none()
        return self.filter(congress_id=hat.congress_id)


class Appointment(models.Model):
    """One item of a list of appointments and removals (任免名单), as decided on a day."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="appointments", verbose_name="人大")
    name = models.CharField("姓名", max_length=100)
    post = models.CharField("职务", max_length=300)
    wording = models.CharField("事项", max_length=20, choices=Wording)
    nominator = models.CharField("提请人", max_length=100, blank=True)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name="会次"
    )
    decided_on = models.DateField("日期")
    exam_score = models.DecimalField("法律考试成绩", max_digits=4, decimal_places=1, null=True, blank=True)
    made_statement = models.BooleanField("供职发言", default=False)
    letter_issued = models.BooleanField("颁发任命书", default=False)
    took_oath = models.BooleanField("宪法宣誓", default=False)
    expected = models.PositiveIntegerField("应到", null=True, blank=True)
    in_favour = models.PositiveIntegerField("赞成", null=True, blank=True)
    against = models.PositiveIntegerField("反对", null=True, blank=True)
    abstained = models.PositiveIntegerField("弃权", null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任免事项"
        ordering = ["-decided_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "decided_on", "name", "post", "wording"],
                name="appointment_once",
                violation_error_message="同一天、同一人、同一职务的这一事项已经登记。",
            ),
            models.CheckConstraint(condition=Q(wording__in=Wording.values), name="appointment_known_wording"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(post=""), name="appointment_has_name_and_post"),
            models.CheckConstraint(
                condition=Q(exam_score__isnull=True) | Q(exam_score__range=(0, 100)),
                name="appointment_exam_score_to_100",
                violation_error_message="法律考试成绩应当在0到100之间。",
            ),
            models.CheckConstraint(
                condition=Q(expected__isnull=True)
                | Q(expected__gte=Coalesce("in_favour", 0) + Coalesce("against", 0) + Coalesce("abstained", 0)),
                name="appointment_votes_within_expected",
                violation_error_message="赞成、反对、弃权之和不能多于应到人数。",
            ),
        ]
        indexes = [models.Index(fields=["congress", "-decided_on"], name="appointment_by_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.post} {self.get_wording_display()}"
