"""Training classes and who attended them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.models import Role
from bodies.models import Congress
from deputies.models import Seat

if TYPE_CHECKING:
    from accounts.models import User


class ClassKind(models.TextChoices):
    INITIAL = "initial", "初任"
    DUTY = "duty", "履职"
    TOPIC = "topic", "专题"
    GROUP_LEADER = "group_leader", "小组长"
    GRASSROOTS = "grassroots", "基层干部"
    MEETING = "meeting", "以会代训"
    OTHER = "other", "其他"


class ClassForm(models.TextChoices):
    TOGETHER = "together", "集中"
    ONLINE = "online", "线上"
    VIDEO = "video", "视频"
    AWAY = "away", "外出"


class TrainingClassQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> TrainingClassQuerySet:
        """Return the classes of the user's congress; a deputy sees those that he attended."""
        hat = user.hat
        if hat is None:
            return self.none()
        if hat.role in (Role.STAFF, Role.LEADER):
            return self.filter(congress_id=hat.congress_id)
        if hat.role == Role.DEPUTY:
            return self.filter(pk__in=Attendance.objects.filter(seat__person__user=user).values("training_class"))
        return self.none()


class TrainingClass(models.Model):
    """A class (班次). ``attended`` counts everybody who came, deputy or not, each time; names may be fewer."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="training_classes", verbose_name="人大")
    name = models.CharField("班次", max_length=200)
    kind = models.CharField("类型", max_length=20, choices=ClassKind)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    place = models.CharField("地点", max_length=200, blank=True)
    form = models.CharField("形式", max_length=20, choices=ClassForm, blank=True)
    organiser = models.CharField("主办", max_length=200, blank=True)
    audience = models.CharField("对象", max_length=300, blank=True)
    expected = models.PositiveIntegerField("应到人数", null=True, blank=True)
    attended = models.PositiveIntegerField("实到人次")
    hours = models.DecimalField("学时", max_digits=6, decimal_places=1, null=True, blank=True)

    objects = TrainingClassQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训班次"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name", "starts_on"],
                name="training_class_once",
                violation_error_message="同一天开始的同名班次已经登记。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="training_class_ends_after_start",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="training_class_has_name"),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(hours__gte=0),
                name="training_class_hours_not_negative",
                violation_error_message="学时不能小于0。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Attendance(models.Model):
    """A deputy who attended a class, by name."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="attendances", verbose_name="培训班次"
    )
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="attendances", verbose_name="代表")

    class Meta:
        verbose_name = verbose_name_plural = "参训代表"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "seat"],
                name="attendance_once_per_class",
                violation_error_message="同一代表在一个班次里只能登记一次。",
            )
        ]

    def __str__(self) -> str:
        return str(self.seat)

    def clean(self) -> None:
        """Refuse a deputy of an earlier or later term of the congress; deputies of other levels may attend too."""
        # A class that is being entered with its names has no key yet, one with a wrong date has no date.
        training_class = getattr(self, "training_class", None)
        if not (training_class and training_class.congress_id and training_class.starts_on and self.seat_id):
            return
        held, congress = self.seat.term, training_class.congress
        if held.congress_id != congress.pk or held.starts_on <= training_class.starts_on <= held.ends_on:
            return
        if term := congress.term_on(training_class.starts_on):
            raise ValidationError({"seat": f"这是「{self.seat}」在{held.name}的代表资格，这个班次在{term.name}。"})
