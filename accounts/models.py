"""Users and the hats that they wear."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as StockUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property

from accounts.api_models import ApiRequest, ApiToken
from bodies.fields import DigestField, EncryptedTextField
from bodies.models import Committee, Congress, Unit

__all__ = [
    "Administration",
    "ApiRequest",
    "ApiToken",
    "Membership",
    "PastPassword",
    "Role",
    "SecurityAct",
    "User",
    "UserQuerySet",
]


class Role(models.TextChoices):
    """What a person does in the portal for one body."""

    STAFF = "staff", "代表工委"
    LEADER = "leader", "常委会领导"
    GOV_OFFICE = "gov_office", "政府办"
    UNIT = "unit", "承办单位"
    DEPUTY = "deputy", "代表"
    TOWNSHIP = "township", "乡镇人大"
    COMMITTEE = "committee", "专委会（工委）"


class Administration(models.TextChoices):
    """The three separate administrators (GB/T 22239-2019, 三员): none does the work of another."""

    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计管理员"


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> UserQuerySet:
        """Return the accounts that the user may look up.

        System and security administrator: all. Staff: those with a hat of their congress or of one below it. Others:
        their own.
        """
        if user.looks_after_all:
            return self.all()
        if user.has_role(Role.STAFF):
            here = Membership.objects.filter(congress__in=Congress.objects.visible_to(user))
            return self.filter(pk__in=here.values("user"))
        return self.filter(pk=user.pk)

    def kept_by(self, user: User) -> UserQuerySet:
        """Return the accounts that the user may shut out, which is what ``permissions.why_account_is_fixed`` says of one.

        Security administrator: all but his own. System administrator: those that administer nothing. Staff: those
        with no other hats than staff may give.
        """
        others = self.exclude(pk=user.pk)
        if user.looks_after_all:
            return others if user.administers == Administration.SECURITY else others.filter(administers="")
        if not user.has_role(Role.STAFF):
            return self.none()
        here = user.hat.congress_id
        given = Q(congress=here, role__in=GIVEN_BY_STAFF) | Q(congress__parent=here, role=Role.TOWNSHIP)
        fixed = Membership.objects.exclude(given).values("user")
        return others.filter(administers="", pk__in=Membership.objects.filter(given).values("user")).exclude(
            pk__in=fixed
        )


# Whom the office works with, and whose accounts it therefore looks after itself.
GIVEN_BY_STAFF = (Role.UNIT, Role.DEPUTY)


class UserManager(StockUserManager.from_queryset(UserQuerySet)):
    use_in_migrations = False

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        """Create the first administrator of an installation, who opens the accounts of the other two."""
        fields = {"administers": Administration.SYSTEM} | fields | {"is_staff": True, "is_superuser": False}
        return self._create_user(username, email, password, **fields)


class User(AbstractUser):
    """An account. What it may see and do comes from its membership (hat), never from the account itself."""

    first_name = None
    last_name = None
    name = models.CharField("姓名", max_length=100)
    administers = models.CharField("管理员", max_length=10, choices=Administration, blank=True, default="")
    phone = EncryptedTextField("手机号码", blank=True, default="")
    phone_digest = DigestField(of="phone", unique=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)

    REQUIRED_FIELDS = ["name"]
    # The key of the membership that was picked (accounts.hats).
    worn: int | None = None

    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(administers__in=["", *Administration.values]), name="user_administers_one"
            ),
            # Nobody passes every check: what an account may do is said by its hats or by `administers`.
            models.CheckConstraint(condition=Q(is_superuser=False), name="user_is_no_superuser"),
            models.CheckConstraint(
                condition=Q(phone="", phone_digest=None) | (~Q(phone="") & Q(phone_digest__isnull=False)),
                name="user_phone_iff_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def hats(self) -> list[Membership]:
        """The memberships among which the user picks the one to act under."""
        return list(self.memberships.select_related("congress", "unit", "committee").order_by("pk"))

    @cached_property
    def hat(self) -> Membership | None:
        """The membership in force for this request: the one picked, or else the first; None for an administrator."""
        return next((hat for hat in self.hats if hat.pk == self.worn), next(iter(self.hats), None))

    def wear(self, key: int | None) -> None:
        """Act under the membership with this key from now on; one that the user has not (any more) is passed over."""
        self.worn = key
        self.__dict__.pop("hat", None)

    @property
    def looks_after_all(self) -> bool:
        """Say whether bodies and accounts everywhere are the user's matter: the system and security administrators'."""
        return self.hat is None and self.administers in (Administration.SYSTEM, Administration.SECURITY)

    @property
    def acts_as(self) -> str:
        """In what standing the account acts now, in words: its hat or its administration; empty for neither."""
        return str(self.hat) if self.hat else self.get_administers_display()

    @property
    def reads_audit(self) -> bool:
        """Whether the account reads the audit trail."""
        return self.administers == Administration.AUDIT and self.hat is None

    def has_role(self, *roles: Role) -> bool:
        """Say whether the hat is one of the roles."""
        return self.hat is not None and self.hat.role in roles


class PastPassword(models.Model):
    """The hash of a password that an account has or had: so that it is not taken again, and its age is known."""

    user = models.ForeignKey(User, models.CASCADE, related_name="past_passwords", verbose_name="用户")
    password = models.CharField("密码", max_length=128)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        ordering = ["-set_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"


class SecurityAct(models.Model):
    """What was done to another's account for safety: let in again, or a token of it taken back. Never changed.

    ``about`` is the name of the token, empty for the rest.
    """

    class Kind(models.TextChoices):
        UNLOCK = "unlock", "解除锁定"
        REMOVE_FACTOR = "factor", "解除二次验证"
        REVOKE_TOKEN = "token", "撤销接口令牌"

    user = models.ForeignKey(User, models.PROTECT, related_name="security_acts", verbose_name="用户")
    kind = models.CharField("办理事项", max_length=10, choices=Kind)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("办理时间")
    reason = models.CharField("原因", max_length=200)
    about = models.CharField("令牌用途", max_length=60, blank=True, default="", db_default="")

    class Meta:
        verbose_name = verbose_name_plural = "安全管理记录"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["unlock", "factor", "token"]), name="security_act_known_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_kind_display()}"


class Membership(models.Model):
    """One hat: a user acts in a role for a congress, and for one of its units or committees where the role is theirs."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role)
    congress = models.ForeignKey(Congress, models.PROTECT, related_name="memberships", verbose_name="人大")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="承办单位"
    )
    committee = models.ForeignKey(
        Committee, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="专委会（工委）"
    )

    class Meta:
        verbose_name = verbose_name_plural = "任职身份"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "congress", "unit", "committee"],
                name="membership_once",
                nulls_distinct=False,
                violation_error_message="同一身份只能登记一次。",
            ),
            models.CheckConstraint(
                condition=(Q(role="unit") & Q(unit__isnull=False)) | (~Q(role="unit") & Q(unit__isnull=True)),
                name="membership_unit_iff_role_unit",
                violation_error_message="承办单位角色要选单位，其他角色不选单位。",
            ),
            models.CheckConstraint(
                condition=(Q(role="committee") & Q(committee__isnull=False))
                | (~Q(role="committee") & Q(committee__isnull=True)),
                name="membership_committee_iff_role_committee",
                violation_error_message="专委会（工委）角色要选专委会（工委），其他角色不选。",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_known_role"),
        ]

    def __str__(self) -> str:
        if self.committee:
            return f"{self.congress} {self.committee}"
        return f"{self.unit or self.congress} {self.get_role_display()}"

    def clean(self) -> None:
        """Refuse a unit or a committee of another congress, and any hat for an administrator."""
        if self.unit_id and self.congress_id and self.unit.congress_id != self.congress_id:
            raise ValidationError({"unit": f"「{self.unit}」不是{self.congress}的承办单位。"})
        if self.committee_id and self.congress_id and self.committee.congress_id != self.congress_id:
            raise ValidationError({"committee": f"「{self.committee}」不是{self.congress}的专委会（工委）。"})
        if self.user_id and self.user.administers:
            raise ValidationError(f"{self.user.get_administers_display()}的账号不能登记任职身份，请另开账号。")

    @property
    def label(self) -> str:
        """How history calls whoever acts under this hat: the unit's or committee's name, or the role."""
        body = self.unit or self.committee
        return body.name if body else self.get_role_display()


def without_staff(congresses: models.QuerySet[Congress]) -> models.QuerySet[Congress]:
    """Return those of the congresses for which nobody acts as staff."""
    staff = Membership.objects.filter(congress=OuterRef("pk"), role=Role.STAFF, user__is_active=True)
    return congresses.filter(~Exists(staff))
