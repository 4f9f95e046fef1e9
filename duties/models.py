"""The duty ledger: who did what when, and from which register the line comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from bodies.models import Congress
from deputies.models import DeputyGroup, Seat
from duties.abilities import groups_of

if TYPE_CHECKING:
    from accounts.models import User


class DutyTypeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> DutyTypeQuerySet:
        """Return the types of the congress that the user acts for."""
        return self.filter(congress_id=user.hat.congress_id) if user.hat else self.none()


class DutyType(models.Model):
    """A kind of duty (履职类型) as one office calls it; created on first use."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="duty_types", verbose_name="人大")
    name = models.CharField("类型", max_length=60)
    sort = models.IntegerField("排序", default=0)

    objects = DutyTypeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履职类型"
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="duty_type_once_per_congress",
                violation_error_message="已有同名的履职类型。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="duty_type_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Source(models.TextChoices):
    """Where a line comes from: the first four are typed or imported as such, the others follow another register.

    ``PROXY`` is what the office enters for a deputy, ``LEADER`` what the leader or liaison of his group does.
    """

    SELF = "self", "本人"
    PROXY = "proxy", "代录"
    ACTIVITY = "activity", "活动"
    LEADER = "leader", "小组代录"
    PROPOSAL = "proposal", "建议议案"
    TRAINING = "training", "培训"
    RECEPTION = "reception", "接待登记"
    GROUP = "group", "小组活动"


TYPED = (Source.SELF, Source.PROXY, Source.ACTIVITY, Source.LEADER)


class DutyRecordQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> DutyRecordQuerySet:
        """Return the lines that the user may see.

        Staff and leaders: those of their congress. A township: those of the deputies whom it looks after. A deputy:
        the own ones. Others: none.
        """
        hat = user.hat
        if hat is None:
            return self.none()
        if hat.role in (Role.STAFF, Role.LEADER):
            return self.filter(congress_id=hat.congress_id)
        if hat.role == Role.TOWNSHIP:
            return self.filter(seat__in=Seat.objects.visible_to(user))
        if hat.role == Role.DEPUTY:
            return self.filter(seat__person__user=user)
        return self.none()


class DutyRecord(models.Model):
    """One line of the ledger: what one deputy did on one day.

    A line with a ``source_id`` is written by that row of another register and follows it. ``typed_as`` is the source
    under which a person had typed the same line before its register knew it: when the register lets go of the line,
    it becomes that again, since nothing that a person typed is lost.
    """

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="duty_records", verbose_name="人大")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="duty_records", verbose_name="代表")
    done_on = models.DateField("日期")
    type = models.ForeignKey(DutyType, models.PROTECT, related_name="records", verbose_name="类型")
    topic = models.CharField("主题", max_length=300)
    place = models.CharField("地点", max_length=200, blank=True)
    content = models.TextField("内容", blank=True)
    quantity = models.DecimalField("数量", max_digits=9, decimal_places=1, null=True, blank=True)
    suggestions = models.PositiveIntegerField("提出建议数", default=0)
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.PROXY)
    source_id = models.BigIntegerField(null=True, blank=True, editable=False)
    typed_as = models.CharField(max_length=10, choices=Source, blank=True, editable=False)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    objects = DutyRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履职记录"
        ordering = ["-done_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "done_on", "type", "topic"],
                condition=Q(source_id__isnull=True),
                name="duty_record_typed_once",
                violation_error_message="这位代表当天已有同一类型、同一主题的履职记录。",
            ),
            models.UniqueConstraint(
                fields=["source", "source_id", "seat"],
                condition=Q(source_id__isnull=False),
                name="duty_record_once_per_source",
            ),
            models.CheckConstraint(
                condition=Q(source__in=TYPED) | Q(source_id__isnull=False), name="duty_record_has_source_row"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="duty_record_known_source"),
            models.CheckConstraint(
                condition=Q(typed_as="") | Q(typed_as__in=TYPED, source_id__isnull=False), name="duty_record_typed_as"
            ),
            models.CheckConstraint(condition=~Q(topic=""), name="duty_record_has_topic"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0),
                name="duty_record_quantity_not_negative",
                violation_error_message="数量不能小于0。",
            ),
        ]
        indexes = [
            models.Index(fields=["congress", "-done_on"], name="duty_record_by_day"),
            models.Index(fields=["seat", "-done_on"], name="duty_record_of_seat"),
        ]

    def __str__(self) -> str:
        return f"{self.done_on} {self.topic}"

    @property
    def is_typed(self) -> bool:
        """Say whether people keep this line themselves, so that it may be changed here."""
        return self.source_id is None


class GroupActivityQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> GroupActivityQuerySet:
        """Return the activities that the user may see.

        Staff and leaders of the congress: all of its groups'. A deputy: those of the groups to which he belongs now.
        """
        if user.has_role(Role.STAFF, Role.LEADER):
            return self.filter(group__term__congress_id=user.hat.congress_id)
        return self.filter(group__in=groups_of(user, timezone.localdate()))


class GroupActivity(models.Model):
    """What a deputy group did together on one day, as its leader or liaison has registered it.

    Who was present has a line of the ledger that follows it. ``changed_by`` is who corrected it last.
    """

    group = models.ForeignKey(DeputyGroup, models.PROTECT, related_name="activities", verbose_name="代表小组")
    held_on = models.DateField("日期")
    type = models.ForeignKey(DutyType, models.PROTECT, related_name="group_activities", verbose_name="类型")
    topic = models.CharField("主题", max_length=300)
    place = models.CharField("地点", max_length=200, blank=True)
    content = models.TextField("内容", blank=True)
    registered_at = models.DateTimeField("登记时间")
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    changed_at = models.DateTimeField("更正时间", null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="更正人"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = GroupActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小组活动"
        ordering = ["-held_on", "-pk"]
        constraints = [
            # Also what makes a form that is sent twice one activity.
            models.UniqueConstraint(fields=["group", "held_on", "type", "topic"], name="group_activity_once"),
            models.CheckConstraint(condition=~Q(topic=""), name="group_activity_has_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.topic}"

    def get_absolute_url(self) -> str:
        return reverse("duties:activity", args=[self.pk])


class AttendanceState(models.TextChoices):
    PRESENT = "present", "出席"
    LEAVE = "leave", "请假"
    ABSENT = "absent", "缺席"


class GroupAttendance(models.Model):
    """Whether one deputy came to an activity of the group."""

    activity = models.ForeignKey(GroupActivity, models.CASCADE, related_name="attendances", verbose_name="小组活动")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="group_attendances", verbose_name="代表")
    state = models.CharField("出席情况", max_length=10, choices=AttendanceState)

    class Meta:
        verbose_name = verbose_name_plural = "小组活动出席"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "seat"], name="group_attendance_once"),
            models.CheckConstraint(condition=Q(state__in=AttendanceState.values), name="group_attendance_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.get_state_display()}"
