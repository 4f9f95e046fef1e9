"""Users and the hats that they wear."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as StockUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from accounts.api_models import ApiRequest, ApiToken
from bodies.models import Congress, Unit

__all__ = ["Administration", "ApiRequest", "ApiToken", "Membership", "Role", "User", "UserQuerySet"]


class Role(models.TextChoices):
    """What a person does in the portal for one body."""

    STAFF = "staff", "代表工委"
    LEADER = "leader", "常委会领导"
    GOV_OFFICE = "gov_office", "政府办"
    UNIT = "unit", "承办单位"
    DEPUTY = "deputy", "代表"
    TOWNSHIP = "township", "乡镇人大"


class Administration(models.TextChoices):
    """The three separate administrators (GB/T 22239-2019, 三员): none does the work of another."""

    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计管理员"


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> UserQuerySet:
        """Return the accounts that the user may look up.

        An administrator: all. Staff: those with a hat of their congress or of one directly below it. Others: their
        own.
        """
        if user.hat is None and user.administers:
            return self.all()
        if user.has_role(Role.STAFF):
            here = Membership.objects.filter(congress__in=Congress.objects.visible_to(user))
            return self.filter(pk__in=here.values("user"))
        return self.filter(pk=user.pk)


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

    REQUIRED_FIELDS = ["name"]

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
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def hat(self) -> Membership | None:
        """The membership in force for this request: the first one; None for an administrator."""
        return self.memberships.select_related("congress", "unit").order_by("pk").first()

    def has_role(self, *roles: Role) -> bool:
        """Say whether the hat is one of the roles."""
        return self.hat is not None and self.hat.role in roles


class Membership(models.Model):
    """One hat: a user acts in a role for a congress, and for one of its units where the role is a unit's."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role)
    congress = models.ForeignKey(Congress, models.PROTECT, related_name="memberships", verbose_name="人大")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="承办单位"
    )

    class Meta:
        verbose_name = verbose_name_plural = "任职身份"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "congress", "unit"],
                name="membership_once",
                nulls_distinct=False,
                violation_error_message="同一身份只能登记一次。",
            ),
            models.CheckConstraint(
                condition=(Q(role="unit") & Q(unit__isnull=False)) | (~Q(role="unit") & Q(unit__isnull=True)),
                name="membership_unit_iff_role_unit",
                violation_error_message="承办单位角色要选单位，其他角色不选单位。",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.congress} {self.get_role_display()}"

    def clean(self) -> None:
        """Refuse a unit of another congress."""
        if self.unit_id and self.congress_id and self.unit.congress_id != self.congress_id:
            raise ValidationError({"unit": f"「{self.unit}」不是{self.congress}的承办单位。"})

    @property
    def label(self) -> str:
        """How history calls whoever acts under this hat: the unit's name or the role."""
        return self.unit.name if self.unit else self.get_role_display()
