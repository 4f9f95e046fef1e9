"""People, the seats that they hold, and how seats are gathered in delegations and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.models import Role, without_staff
from bodies.fields import DigestField, EncryptedTextField
from bodies.models import Congress, Term

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


class Gender(models.TextChoices):
    MALE = "男", "男"
    FEMALE = "女", "女"


class BirthPrecision(models.TextChoices):
    """How much of a date of birth is known; the unknown part of ``born_on`` is the first month or day."""

    YEAR = "year", "年"
    MONTH = "month", "年月"
    DAY = "day", "年月日"


# What an erased person has no more, beside the date of birth: everything that the law does not make public (代表法 58).
ERASED_TEXTS = (
    "id_number", "phone", "address", "postcode", "native_place", "party", "education", "degree", "occupation",
)  # fmt: skip


class PersonQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> PersonQuerySet:
        """Return the people who hold a seat that the user may see, and the user's own person."""
        return self.filter(Q(pk__in=Seat.objects.visible_to(user).values("person")) | Q(user=user))

    def kept_by(self, user: User) -> PersonQuerySet:
        """Return the people whose personal data the user answers for: staff, who hold or held a seat in their congress.

        For a congress that has no staff of its own, as most townships, the staff of the one above answer.
        """
        if not user.has_role(Role.STAFF):
            return self.none()
        here = user.hat.congress_id
        left = without_staff(Congress.objects.filter(parent=here)).values("pk")
        kept = Seat.objects.filter(Q(term__congress=here) | Q(term__congress__in=left))
        return self.filter(pk__in=kept.values("person"))


class Person(models.Model):
    """A human being, entered once, however many seats he or she holds at whatever level."""

    name = models.CharField("姓名", max_length=100)
    gender = models.CharField("性别", max_length=1, choices=Gender)
    ethnicity = models.CharField("民族", max_length=40, blank=True)
    born_on = models.DateField("出生年月", null=True, blank=True)
    born_precision = models.CharField(max_length=5, choices=BirthPrecision, blank=True)
    native_place = models.CharField("籍贯", max_length=100, blank=True)
    party = models.CharField("党派", max_length=60, blank=True)
    education = models.CharField("学历", max_length=60, blank=True)
    degree = models.CharField("学位", max_length=60, blank=True)
    post = models.CharField("工作单位及职务", max_length=300, blank=True)
    occupation = models.CharField("职业构成", max_length=60, blank=True)
    id_number = EncryptedTextField("身份证号", blank=True)
    id_number_digest = DigestField(of="id_number", db_index=True)
    phone = EncryptedTextField("手机", blank=True)
    phone_digest = DigestField(of="phone", db_index=True)
    address = EncryptedTextField("通讯地址", blank=True)
    postcode = models.CharField("邮编", max_length=10, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="person", verbose_name="登录账号"
    )
    pinyin = models.CharField(max_length=200, editable=False, default="", db_default="")
    initials = models.CharField(max_length=200, editable=False, default="", db_default="")
    # What is no lasting record of public duties was emptied when its time was over (个人信息保护法 47).
    erased_at = models.DateTimeField("个人信息删除时间", null=True, blank=True, editable=False)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name="删除人",
    )  # fmt: skip
    erased_why = models.CharField("删除说明", max_length=200, blank=True, editable=False, default="", db_default="")

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["pinyin", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_name"),
            models.CheckConstraint(condition=Q(gender__in=Gender.values), name="person_gender_known"),
            models.CheckConstraint(
                condition=Q(born_on__isnull=True, born_precision="")
                | Q(born_on__isnull=False, born_precision__in=BirthPrecision.values),
                name="person_birth_has_precision",
                violation_error_message="出生年月和它的精确程度应当一并填写。",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by__isnull=True, erased_why="")
                | Q(Q(erased_at__isnull=False, erased_by__isnull=False) & ~Q(erased_why="")),
                name="person_erased_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(born_on__isnull=True, **dict.fromkeys(ERASED_TEXTS, "")),
                name="person_erased_is_empty",
                violation_error_message="此人的个人信息已经按期删除，不能再填写；重新当选的，先登记代表资格。",
            ),
        ]
        indexes = [models.Index(fields=["name"]), models.Index(fields=["initials"])]

    def __str__(self) -> str:
        return self.name

    @property
    def born_label(self) -> str:
        """The date of birth as far as it is known: 1967年3月."""
        if self.born_on is None:
            return ""
        year = f"{self.born_on.year}年"
        if self.born_precision == BirthPrecision.YEAR:
            return year
        month = f"{year}{self.born_on.month}月"
        return month if self.born_precision == BirthPrecision.MONTH else f"{month}{self.born_on.day}日"

    @property
    def is_minority(self) -> bool:
        """Say whether the person counts as 少数民族: an ethnicity is recorded and it is not Han."""
        return bool(self.ethnicity) and self.ethnicity not in HAN


HAN = ("汉族", "汉")
PARTY_MEMBERS = ("中共", "中共党员", "中国共产党", "中共预备党员")


class DelegationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> DelegationQuerySet:
        """Return the delegations of the user's congress; a township also sees its own one in the county."""
        hat = user.hat
        if hat is None:
            return self.none()
        own = Q(term__congress_id=hat.congress_id)
        if hat.role == Role.TOWNSHIP:
            own |= Q(township_id=hat.congress_id)
        return self.filter(own)


class Delegation(models.Model):
    """A delegation (代表团) of one term."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="delegations", verbose_name="届次")
    name = models.CharField("代表团", max_length=100)
    township = models.ForeignKey(
        Congress, models.PROTECT, null=True, blank=True, related_name="delegations_sent", verbose_name="所属乡镇"
    )
    sort = models.IntegerField("排序", default=0)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表团"
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "name"],
                name="delegation_name_once_per_term",
                violation_error_message="本届已有同名的代表团。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="delegation_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SeatStatus(models.TextChoices):
    """State of a seat (代表法 61 suspended, 62 ended)."""

    IN_OFFICE = "in_office", "在任"
    SUSPENDED = "suspended", "暂停执行职务"
    ENDED = "ended", "资格终止"


class SeatQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> SeatQuerySet:
        """Return the seats that the user may see.

        Everybody who acts for a congress sees its deputies (代表法 58 makes their basic data public). A township also
        sees the deputies above it whose delegation it sends; staff and leaders see these, the deputies of all
        congresses below, and those of any level who belong to a group of their congress. A user without a
        hat sees none.
        """
        hat = user.hat
        if hat is None:
            return self.none()
        own = Q(term__congress_id=hat.congress_id)
        if hat.role in (Role.TOWNSHIP, Role.STAFF, Role.LEADER):
            own |= Q(delegation__township_id=hat.congress_id)
        if hat.role in (Role.STAFF, Role.LEADER):
            grouped = GroupMember.objects.filter(group__term__congress_id=hat.congress_id)
            own |= Q(term__congress__in=Congress.objects.visible_to(user).order_by().values("pk")) | Q(
                pk__in=grouped.values("seat")
            )
        return self.filter(own)

    def in_office_on(self, day: dt.date) -> SeatQuerySet:
        """Return the seats held on a day (suspended ones are still held)."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day), started_on__lte=day, term__ends_on__gte=day)


class Seat(models.Model):
    """One person's mandate in one term of one congress; the level is the congress's."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="seats", verbose_name="人员")
    term = models.ForeignKey(Term, models.PROTECT, related_name="seats", verbose_name="届次")
    delegation = models.ForeignKey(Delegation, models.PROTECT, related_name="seats", verbose_name="代表团")
    elected_by = models.CharField("选区/选举单位", max_length=200, blank=True)
    certificate_no = models.CharField("代表证号", max_length=40, blank=True)
    is_reelected = models.BooleanField("是否连任", default=False)
    is_committee_member = models.BooleanField("是否常委会组成人员", default=False)
    status = models.CharField("状态", max_length=10, choices=SeatStatus, default=SeatStatus.IN_OFFICE)
    started_on = models.DateField("任职日期")
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=100, blank=True)
    note = models.TextField("备注", blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表"
        ordering = ["term", "delegation__sort", "delegation", "person__pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "term"],
                name="seat_once_per_person_and_term",
                violation_error_message="此人已经是本届代表。",
            ),
            models.UniqueConstraint(
                fields=["term", "certificate_no"],
                condition=~Q(certificate_no=""),
                name="certificate_once_per_term",
                violation_error_message="这个代表证号在本届已经使用。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="seat_ends_after_start",
                violation_error_message="终止日期不能早于任职日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | Q(~Q(status="ended"), ended_on__isnull=True),
                name="seat_ended_iff_date",
                violation_error_message="资格终止的代表要填终止日期，其他状态不填。",
            ),
        ]

    def __str__(self) -> str:
        return self.person.name

    def clean(self) -> None:
        """Refuse a delegation of another term."""
        if self.delegation_id and self.term_id and self.delegation.term_id != self.term_id:
            raise ValidationError({"delegation": f"「{self.delegation}」不是{self.term}的代表团。"})


class GroupKind(models.TextChoices):
    """What a deputy group is formed by (代表法 27)."""

    AREA = "area", "按地域"
    FIELD = "field", "按领域"


class DeputyGroupQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> DeputyGroupQuerySet:
        """Return the groups of the congress that the user acts for."""
        return self.filter(term__congress_id=user.hat.congress_id) if user.hat else self.none()


class DeputyGroup(models.Model):
    """A deputy group (代表小组) of one term; a deputy may belong to several."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="groups", verbose_name="届次")
    name = models.CharField("代表小组", max_length=100)
    kind = models.CharField("组成方式", max_length=10, choices=GroupKind, default=GroupKind.AREA)
    sort = models.IntegerField("排序", default=0)

    objects = DeputyGroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表小组"
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "name"],
                name="group_name_once_per_term",
                violation_error_message="本届已有同名的代表小组。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="group_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupOffice(models.TextChoices):
    """The office that a member holds in the group: one leader, one or two deputy leaders, a liaison."""

    MEMBER = "member", "成员"
    LEADER = "leader", "组长"
    DEPUTY_LEADER = "deputy_leader", "副组长"
    LIAISON = "liaison", "联络员"


class GroupMember(models.Model):
    """A seat's membership in a group."""

    group = models.ForeignKey(DeputyGroup, models.CASCADE, related_name="members", verbose_name="代表小组")
    seat = models.ForeignKey(Seat, models.CASCADE, related_name="group_memberships", verbose_name="代表")
    office = models.CharField("小组职务", max_length=20, choices=GroupOffice, default=GroupOffice.MEMBER)

    class Meta:
        verbose_name = verbose_name_plural = "小组成员"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "seat"],
                name="group_member_once",
                violation_error_message="同一代表在一个小组里只能登记一次。",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(office="leader"),
                name="one_leader_per_group",
                violation_error_message="一个代表小组只有一名组长。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.seat}"

    def clean(self) -> None:
        """Refuse a deputy of an earlier or later term of the same congress; deputies of other levels may join (四级代表编组)."""
        # A group that is being entered with its members has no key yet, one left out of the form is not there at all.
        group = getattr(self, "group", None)
        if not (group and group.term_id and self.seat_id) or self.seat.term_id == group.term_id:
            return
        if self.seat.term.congress_id == group.term.congress_id:
            raise ValidationError(f"「{self.seat}」不是{group.term}的代表。")


class CorrectionState(models.TextChoices):
    OPEN = "open", "待处理"
    ACCEPTED = "accepted", "已更正"
    REFUSED = "refused", "没有采纳"
    WITHDRAWN = "withdrawn", "已撤回"


class CorrectionQuerySet(models.QuerySet):
    def kept_by(self, user: User) -> CorrectionQuerySet:
        """Return the requests that the user decides: those of the people whose data he keeps, not his own elsewhere."""
        return self.filter(person__in=Person.objects.kept_by(user))

    def open(self) -> CorrectionQuerySet:
        return self.filter(state=CorrectionState.OPEN)


class Correction(models.Model):
    """A person asks that one item of his data be corrected (个人信息保护法 46).

    ``field`` names the item as ``deputies.items`` knows it. What a decided request says never changes (a trigger); its
    texts are emptied when the person is erased.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="corrections", verbose_name="人员")
    field = models.CharField("项目", max_length=20)
    old = EncryptedTextField("原来的内容", blank=True)
    new = EncryptedTextField("正确的内容", blank=True)
    reason = EncryptedTextField("理由", blank=True)
    state = models.CharField("状态", max_length=10, choices=CorrectionState, default=CorrectionState.OPEN)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="处理人"
    )
    decided_at = models.DateTimeField("处理时间", null=True)
    answer = EncryptedTextField("处理说明", blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "更正申请"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(state="open"), name="correction_open_once_per_field"
            ),
            models.CheckConstraint(condition=Q(state__in=CorrectionState.values), name="correction_known_state"),
            models.CheckConstraint(condition=~Q(field=""), name="correction_of_a_field"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True, answer="")
                | Q(~Q(state="open"), decided_at__isnull=False, decided_by__isnull=False),
                name="correction_decided_iff_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_state_display()}"
