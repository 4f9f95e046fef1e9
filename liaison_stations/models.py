"""Liaison stations with their deputies, the receptions held there and the opinions that people brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.models import Role
from bodies.fields import EncryptedTextField
from bodies.models import Congress, Township, Unit
from deputies.models import Seat

if TYPE_CHECKING:
    from accounts.models import User


class StationKind(models.TextChoices):
    HOME = "home", "代表之家"
    STATION = "station", "联络站"
    PARK = "park", "园区站"
    MOBILE = "mobile", "流动站"
    COLLECTION = "collection", "采集站"


class StationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> StationQuerySet:
        """Return the stations that the user may see.

        Staff and leaders: those of their congress. A township: those that lie in it. A deputy: the own ones.
        """
        hat = user.hat
        if hat is None:
            return self.none()
        if hat.role in (Role.STAFF, Role.LEADER):
            return self.filter(congress_id=hat.congress_id)
        if hat.role == Role.TOWNSHIP:
            return self.filter(Q(congress_id=hat.congress_id) | Q(township__body_id=hat.congress_id))
        if hat.role == Role.DEPUTY:
            return self.filter(pk__in=StationDeputy.objects.filter(seat__person__user=user).values("station"))
        return self.none()


class Station(models.Model):
    """A deputies' home or liaison station (代表之家、联络站)."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="stations", verbose_name="人大")
    name = models.CharField("名称", max_length=200)
    kind = models.CharField("类型", max_length=20, choices=StationKind, default=StationKind.STATION)
    township = models.ForeignKey(Township, models.PROTECT, related_name="stations", verbose_name="所属乡镇")
    address = models.CharField("地址", max_length=200, blank=True)
    head = models.CharField("负责人", max_length=100, blank=True)
    liaison = models.CharField("联络员", max_length=100, blank=True)
    phone = EncryptedTextField("联系电话", blank=True)
    reception_rule = models.CharField("接待日规则", max_length=200, blank=True)
    deputies = models.ManyToManyField(
        Seat, through="StationDeputy", related_name="stations", verbose_name="编入代表", blank=True
    )

    objects = StationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联络站"
        ordering = ["township__sort", "township", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="station_name_once_per_congress",
                violation_error_message="已有同名的联络站。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="station_has_name"),
            models.CheckConstraint(condition=Q(kind__in=StationKind.values), name="station_known_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class StationDeputy(models.Model):
    """A deputy who is assigned to a station; deputies of every level may be."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="members", verbose_name="联络站")
    seat = models.ForeignKey(Seat, models.CASCADE, related_name="station_memberships", verbose_name="代表")

    class Meta:
        verbose_name = verbose_name_plural = "编入代表"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "seat"],
                name="station_deputy_once",
                violation_error_message="同一代表在一个联络站只能编入一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.seat}"


class Handling(models.TextChoices):
    """What is done about what a visitor brings."""

    ANSWERED = "answered", "当场答复"
    FORWARDED = "forwarded", "转办"
    REPORTED = "reported", "上报"
    PROPOSED = "proposed", "转建议"
    EXPLAINED = "explained", "解释说明"


# The visitor got the answer on the spot; nothing is owed any more.
SETTLED_ON_THE_SPOT = (Handling.ANSWERED, Handling.EXPLAINED)


def settled(path: str = "") -> Q:
    """Return the condition that an opinion is settled (see ``OpinionItem.is_settled``); ``path`` leads to it: opinion__."""
    return Q(**{f"{path}replied_on__isnull": False}) | Q(**{f"{path}handling__in": SETTLED_ON_THE_SPOT})


class ReceptionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ReceptionQuerySet:
        """Return the receptions at the stations that the user may see; a deputy sees the own ones only."""
        if user.has_role(Role.DEPUTY):
            return self.filter(seat__person__user=user)
        return self.filter(station__in=Station.objects.visible_to(user))


class Reception(models.Model):
    """One visitor with one matter, received at a station or out of doors (固定、流动 count the same)."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="receptions", verbose_name="联络站")
    received_on = models.DateField("日期")
    seat = models.ForeignKey(
        Seat, models.PROTECT, null=True, blank=True, related_name="receptions", verbose_name="接待代表"
    )
    visitor = models.CharField("来访人", max_length=100, blank=True)
    contact = EncryptedTextField("联系方式", blank=True)
    matter = models.CharField("事项", max_length=500)
    # Who came is not kept for ever; what was brought is.
    forgotten_at = models.DateTimeField("来访人信息删除时间", null=True, blank=True, editable=False)

    objects = ReceptionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接待登记"
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "received_on", "visitor", "matter"],
                condition=Q(forgotten_at__isnull=True),
                name="reception_once",
                violation_error_message="这个联络站当天已登记同一来访人的同一事项。",
            ),
            models.CheckConstraint(condition=~Q(matter=""), name="reception_has_matter"),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True) | Q(visitor="", contact=""),
                name="reception_forgotten_is_empty",
                violation_error_message="来访人的姓名和联系方式已经按期删除，不能再填写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.matter}"


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> OpinionQuerySet:
        """Return the opinions brought at the stations that the user may see; a deputy sees those he received."""
        if user.has_role(Role.DEPUTY):
            return self.filter(reception__seat__person__user=user)
        return self.filter(station__in=Station.objects.visible_to(user))


class OpinionItem(models.Model):
    """An opinion of the public (社情民意): what it asks, where it went, and the reply to whoever raised it.

    It comes from a reception, or by itself; then ``reception`` is empty.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="opinions", verbose_name="联络站")
    reception = models.OneToOneField(
        Reception, models.CASCADE, null=True, blank=True, related_name="opinion", verbose_name="接待登记"
    )
    raised_on = models.DateField("提出日期")
    matter = models.CharField("事项", max_length=500)
    handling = models.CharField("处理方式", max_length=20, choices=Handling, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="承办")
    replied_on = models.DateField("回告日期", null=True, blank=True)
    result = models.TextField("结果", blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "社情民意"
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(matter=""), name="opinion_has_matter"),
            models.CheckConstraint(
                condition=Q(replied_on__isnull=True) | Q(replied_on__gte=F("raised_on")),
                name="opinion_replied_after_raised",
                violation_error_message="回告日期不能早于提出日期。",
            ),
            models.CheckConstraint(
                condition=Q(handling="") | Q(handling__in=Handling.values), name="opinion_known_handling"
            ),
        ]
        indexes = [models.Index(fields=["station", "-raised_on"], name="opinion_by_day")]

    def __str__(self) -> str:
        return self.matter

    @property
    def is_settled(self) -> bool:
        """Say whether whoever raised it has been answered: later, with a date, or on the spot."""
        return self.replied_on is not None or self.handling in SETTLED_ON_THE_SPOT
