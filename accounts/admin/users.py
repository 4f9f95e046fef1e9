"""Accounts: who may log in, and with which hats."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts import permissions
from accounts.admin.phones import MobileField, why_name_is_taken
from accounts.admin_base import RegisterForm, ScopedAdmin, ScopedInline, keep_masked
from accounts.admin_site import configure
from accounts.models import Membership, Role, User
from accounts.tokens import revoke_all
from bodies.fields import mask
from workbooks.cleaners import Name

OF_ACCOUNTS = ["username", "name", "phone", "email", "is_active"]

configure(admin.site)
# What an account may do comes from its hats; groups, and addresses confirmed by mail, have no part in it. Second
# factors and sessions have pages of their own.
del allauth
for unused in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(unused)


class UserForm(RegisterForm):
    cleaners = {"name": Name(100)}
    phone = MobileField(
        label="手机号码",
        required=False,
        help_text="可以用来登录。加密保存，只显示头尾几位；要改的直接输入新号码，不改的不要动。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_masked(self, "phone", mask)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        for field, words in why_name_is_taken(self.instance, self.cleaned_data).items():
            self.add_error(field, words)
        if self.cleaned_data.get("administers") and self.instance.pk and self.instance.memberships.exists():
            self.add_error("administers", "这个账号有任职身份，不能再作管理员。请另开账号，或先取消它的任职身份。")
        return data

    class Meta:
        labels = {"is_active": "启用", "administers": "管理员"}
        help_texts = {
            "is_active": "停用后不能登录，接口令牌一并撤销，重新启用也不恢复。办理记载保留。账号不删除，只停用。",
            "administers": "管理员没有任职身份，看不到代表资料和建议议案：系统管理员开设账号、维护人大和节假日，安全管理员登记身份、"
            "解除锁定，审计管理员查看审计记录。一个账号只能是其中一种。",
        }


class UserAddForm(UserForm, UserCreationForm):
    class Meta:
        model = User
        fields = ["username", "name", "phone"]

    def save(self, commit: bool = True) -> User:
        # Whoever opens an account knows its password.
        self.instance.must_change_password = True
        return super().save(commit)


class PasswordForm(AdminPasswordChangeForm):
    """A new password, and nothing else: an account is closed by its mark, not by losing its password."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = True
        return super().save(commit)


class MembershipForm(RegisterForm):
    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        role, congress = self.cleaned_data.get("role"), self.cleaned_data.get("congress")
        if role and congress and self.has_changed() and not permissions.may_grant(self.user, role, congress):
            if congress.pk == self.user.hat.congress_id:
                self.add_error("role", f"「{Role(role).label}」身份由安全管理员登记。")
            else:
                self.add_error("role", f"在下级人大只能登记「{Role.TOWNSHIP.label}」身份。")
        return data


class MembershipInline(ScopedInline, admin.TabularInline):
    model = Membership
    form = MembershipForm
    may_view = staticmethod(permissions.reads_accounts)
    may_keep = staticmethod(permissions.grants_hats)
    autocomplete_fields = ["unit", "committee"]
    wide = ("congress",)

    def get_min_num(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        # An account without a hat is invisible to staff, and of no use but to a system administrator.
        return 1 if permissions.keeps_registers(request.user) else 0

    def get_formset(
        self, request: HttpRequest, obj: User | None = None, **kwargs: Any
    ) -> type[forms.BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        formset.validate_min = True
        return formset


NO_HAT = "none"


class RoleFilter(admin.SimpleListFilter):
    title = "角色"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [*Role.choices, (NO_HAT, "尚无身份")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == NO_HAT:
            return queryset.filter(memberships=None, administers="")
        return queryset.filter(memberships__role=self.value()).distinct() if self.value() else queryset


@admin.register(User)
class UserAdmin(ScopedAdmin, StockUserAdmin):
    form = UserForm
    add_form = UserAddForm
    measure_word = "名"
    change_password_form = PasswordForm
    change_user_password_template = "accounts/set_password.html"  # noqa: S105 - a template
    inlines = [MembershipInline]
    may_view = staticmethod(permissions.reads_accounts)
    may_keep = staticmethod(permissions.reads_accounts)
    list_display = ["username", "name", "all_hats", "is_active", "last_login"]
    list_filter = [RoleFilter, "is_active"]
    search_fields = ["username", "name"]
    search_help_text = "按用户名、姓名查找"
    ordering = ["username"]
    filter_horizontal = ()
    unwatched = ("last_login", "password")
    add_fieldsets = [(None, {"fields": ["username", "name", "phone", "password1", "password2"]})]
    readonly_fields = ["password_link", "tokens_link", "last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        hats = Membership.objects.select_related("congress", "unit", "committee")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", queryset=hats))

    @admin.display(description="任职身份")
    def all_hats(self, user: User) -> str:
        if user.administers:
            return user.get_administers_display()
        return "、".join(str(membership) for membership in user.memberships.all())

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list:
        if obj is None:
            return self.add_fieldsets
        # What is only shown is shown masked.
        plain = self.has_change_permission(request, obj) and permissions.opens_accounts(request.user)
        fields = [name if plain or name != "phone" else "shown_phone" for name in OF_ACCOUNTS]
        if not permissions.keeps_registers(request.user):
            fields.append("administers")
        if self._may_set_password(request, obj):
            fields.append("password_link")
        if self.has_change_permission(request, obj) and not obj.administers:
            fields.append("tokens_link")
        return [(None, {"fields": fields}), ("记录", {"fields": ["last_login", "date_joined"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        fields.append("shown_phone")
        if not permissions.opens_accounts(request.user):
            fields += [name for name in OF_ACCOUNTS if name != "phone"]
        if not permissions.appoints_administrators(request.user):
            fields.append("administers")
        return fields

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list:
        return self.inlines if obj is not None or permissions.grants_hats(request.user) else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.opens_accounts(request.user)

    def _may_set_password(self, request: HttpRequest, account: User) -> bool:
        return permissions.opens_accounts(request.user) and self.has_change_permission(request, account)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Show or save the form of a new password. Raises PermissionDenied to whoever may change the account otherwise."""
        if not self._may_set_password(request, self.get_object(request, id)):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    @admin.display(description="手机号码")
    def shown_phone(self, user: User) -> str:
        return mask(user.phone)

    @admin.display(description="密码")
    def password_link(self, user: User) -> str:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">重设密码</a>', address)

    @admin.display(description="接口令牌")
    def tokens_link(self, user: User) -> str:
        address = f"{reverse('accounts:tokens')}?{urlencode({'q': user.username})}"
        return format_html('{} 个 <a href="{}">查看和撤销</a>', user.api_tokens.count(), address)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Save the account; one that is closed loses its tokens for good."""
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            revoke_all(user=obj)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return ScopedAdmin.lookup_allowed(self, lookup, value, request)

    def why_fixed(self, user: User, obj: User) -> str:
        return permissions.why_account_is_fixed(user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # History names its actors: an account is closed, never deleted.
        return False
