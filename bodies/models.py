"""The tree of congresses, their terms and sessions, and the units that handle what deputies propose."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q

from bodies.fields import EncryptedTextField

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


class Level(models.IntegerChoices):
    """The five levels of people's congresses (组织法 1)."""

    NATIONAL = 1, "全国"
    PROVINCE = 2, "省"
    CITY = 3, "市"
    COUNTY = 4, "县"
    TOWNSHIP = 5, "乡"


def under(congress_id: int) -> Q:
    """Return the condition that a congress is this one or lies below it in the tree.

    There are five levels, each above the next (``Congress.clean``), so four steps up reach everything.
    """
    steps_up = ("__".join(["parent"] * steps) or "pk" for steps in range(len(Level)))
    return functools.reduce(operator.or_, (Q(**{path: congress_id}) for path in steps_up))


class CongressQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CongressQuerySet:
        """Return the congress that the user acts for and all below it, down to the townships."""
        if user.hat is None:
            return self.all() if user.looks_after_all else self.none()
        return self.filter(under(user.hat.congress_id))


class Congress(models.Model):
    """A people's congress of one place, with its standing committee or presidium."""

    code = models.CharField("行政区划代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=100)
    level = models.PositiveSmallIntegerField("层级", choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )

    objects = CongressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人大"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="congress_level_1_to_5"),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="congress_not_its_own_parent",
                violation_error_message="上级不能是它自己。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that is not above; that also keeps the tree free of rings."""
        if self.parent_id and self.level and self.parent.level >= self.level:
            raise ValidationError({"parent": f"上级「{self.parent}」的层级应当高于{self.get_level_display()}。"})

    def term_on(self, day: dt.date) -> Term | None:
        """Return the term in office on a day, or None."""
        return self.terms.filter(starts_on__lte=day, ends_on__gte=day).first()


class _DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class TermQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> TermQuerySet:
        return self.filter(congress__in=Congress.objects.visible_to(user))


class Term(models.Model):
    """A term of office (届) of one congress; two terms of one congress never overlap."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="terms", verbose_name="人大")
    name = models.CharField("届次", max_length=40)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届次"
        ordering = ["congress", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="term_name_once_per_congress",
                violation_error_message="这个人大已有同名的届次。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="term_ends_after_start",
                violation_error_message="结束日期应当晚于开始日期。",
            ),
            ExclusionConstraint(
                name="term_no_overlap",
                violation_error_message="起止日期与本人大的另一个届次重叠。",
                expressions=[
                    ("congress", RangeOperators.EQUAL),
                    (
                        _DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.congress}{self.name}"


class SessionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> SessionQuerySet:
        return self.filter(term__in=Term.objects.visible_to(user))


class Session(models.Model):
    """A session (次) of a congress's term; what is proposed in recess belongs to the session before it."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="sessions", verbose_name="届次")
    name = models.CharField("会次", max_length=40)
    starts_on = models.DateField("开幕日期", null=True, blank=True)
    ends_on = models.DateField("闭幕日期", null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会次"
        ordering = ["term", "-starts_on", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "name"],
                name="session_name_once_per_term",
                violation_error_message="本届已有同名的会次。",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="session_ends_after_start",
                violation_error_message="闭幕日期不能早于开幕日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term.name}{self.name}"


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MeetingQuerySet:
        return self.filter(term__in=Term.objects.visible_to(user))


class Meeting(models.Model):
    """A meeting of the standing committee (常委会会议) in one term; created on first use."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="meetings", verbose_name="届次")
    name = models.CharField("会次", max_length=100)
    held_on = models.DateField("开会日期", null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常委会会议"
        ordering = ["term", "-held_on", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "name"],
                name="meeting_name_once_per_term",
                violation_error_message="本届已有同名的会议。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="meeting_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TownshipQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> TownshipQuerySet:
        """Return the townships of the congress that the user acts for, and the user's own one."""
        hat = user.hat
        return self.filter(Q(congress_id=hat.congress_id) | Q(body_id=hat.congress_id)) if hat else self.none()


class Township(models.Model):
    """A township or street (乡镇、街道) in the area of a congress; ``body`` is its own congress in this portal, if any."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="townships", verbose_name="人大")
    name = models.CharField("乡镇（街道）", max_length=100)
    body = models.OneToOneField(
        Congress, models.PROTECT, null=True, blank=True, related_name="township", verbose_name="乡镇人大"
    )
    sort = models.IntegerField("排序", default=0)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "乡镇（街道）"
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="township_name_once_per_congress",
                violation_error_message="已有同名的乡镇（街道）。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="township_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a congress that is not directly below."""
        if self.body_id and self.congress_id and self.body.parent_id != self.congress_id:
            raise ValidationError({"body": f"「{self.body}」不是{self.congress}的下级人大。"})


class Counter(models.Model):
    """The last number given in one session for one kind of document; locked while a number is taken."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="counters")
    kind = models.CharField(max_length=20)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号计数"
        constraints = [models.UniqueConstraint(fields=["session", "kind"], name="counter_once_per_session_and_kind")]

    def __str__(self) -> str:
        return f"{self.session} {self.kind} {self.last_number}"


class CommitteeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CommitteeQuerySet:
        """Return the committees of the congress that the user acts for (their names are no secret)."""
        if user.hat is None:
            return self.all() if user.looks_after_all else self.none()
        return self.filter(congress_id=user.hat.congress_id)


class Committee(models.Model):
    """A special committee (专门委员会) or working body (工作委员会) of a congress, which oversees its field."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="committees", verbose_name="人大")
    name = models.CharField("名称", max_length=100)
    sort = models.IntegerField("排序", default=0)

    objects = CommitteeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专委会（工委）"
        ordering = ["-sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="committee_name_once_per_congress",
                violation_error_message="已有同名的专委会（工委）。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="committee_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> UnitQuerySet:
        """Return the handling units of the congress that the user acts for (names of offices are no secret)."""
        hat = user.hat
        if hat is None:
            return self.all() if user.looks_after_all else self.none()
        return self.filter(congress_id=hat.congress_id)


class Unit(models.Model):
    """A unit that handles suggestions (承办单位): a department, a court, an enterprise, a township government."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="units", verbose_name="人大")
    name = models.CharField("单位名称", max_length=100)
    system = models.CharField("系统", max_length=100, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    contact_name = models.CharField("联系人", max_length=100, blank=True)
    contact_phone = EncryptedTextField("联系电话", blank=True)
    sort = models.IntegerField("排序", default=0)
    is_active = models.BooleanField("在用", default=True)
    pinyin = models.CharField(max_length=200, editable=False, default="", db_default="")
    initials = models.CharField(max_length=200, editable=False, default="", db_default="")

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承办单位"
        ordering = ["-sort", "pinyin"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="unit_name_once_per_congress",
                violation_error_message="已有同名的承办单位。",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="unit_not_its_own_parent",
                violation_error_message="上级单位不能是它自己。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="unit_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name that is another unit's alias, a parent of another congress and a ring of parents."""
        aliases = UnitAlias.objects.filter(congress_id=self.congress_id, alias=self.name).exclude(unit_id=self.pk)
        if taken := aliases.select_related("unit").first():
            raise ValidationError({"name": f"「{self.name}」已经是「{taken.unit}」的简称，请改用单位名称。"})
        above = self.parent
        if above is not None and above.congress_id != self.congress_id:
            raise ValidationError({"parent": "上级单位应当是同一个人大的承办单位。"})
        while above is not None:
            if above.pk == self.pk:
                raise ValidationError({"parent": f"「{self.parent}」是本单位的下级，不能再作为上级。"})
            above = above.parent


class UnitAlias(models.Model):
    """A short or former name under which files and people call a unit."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="unit_aliases")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases", verbose_name="承办单位")
    alias = models.CharField("简称", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "单位简称"
        ordering = ["alias"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "alias"],
                name="unit_alias_once_per_congress",
                violation_error_message="这个简称已经用于别的承办单位。",
            ),
            models.CheckConstraint(condition=~Q(alias=""), name="unit_alias_not_empty"),
        ]

    def __str__(self) -> str:
        return self.alias

    def clean(self) -> None:
        """Take the unit's congress, in which no other unit may go by the alias."""
        self.congress_id = self.unit.congress_id
        if Unit.objects.filter(congress_id=self.congress_id, name=self.alias).exists():
            raise ValidationError({"alias": f"「{self.alias}」是一个单位的名称，不能再作简称。"})
        others = UnitAlias.objects.filter(congress_id=self.congress_id, alias=self.alias).exclude(pk=self.pk)
        if taken := others.select_related("unit").first():
            raise ValidationError({"alias": f"简称「{self.alias}」已经用于「{taken.unit}」。"})
