"""Who may do what outside a case: named predicates on a user, composed here and nowhere else.

What a user may do on a case is decided by that case's app (see ``proposals.abilities``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import Administration, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from bodies.models import Congress


def is_system_administrator(user: User) -> bool:
    """Say whether the user looks after the installation and opens accounts; he grants nothing and reads no business."""
    return user.administers == Administration.SYSTEM and user.hat is None


def is_security_administrator(user: User) -> bool:
    """Say whether the user grants hats and unlocks accounts; he opens no account and reads no business."""
    return user.administers == Administration.SECURITY and user.hat is None


def is_auditor(user: User) -> bool:
    """Say whether the user reads the audit trail, and nothing else."""
    return user.administers == Administration.AUDIT and user.hat is None


def keeps_registers(user: User) -> bool:
    """Say whether the user enters and corrects the registers of the congress that he acts for."""
    return user.has_role(Role.STAFF)


def reads_registers(user: User) -> bool:
    """Say whether the user may read the registers of the congress that he acts for."""
    return user.has_role(Role.STAFF, Role.LEADER)


def keeps_installation(user: User) -> bool:
    """Say whether the user maintains what all congresses share: congresses, procedures, the calendar."""
    return is_system_administrator(user)


def reads_installation(user: User) -> bool:
    """Say whether the user may read what all congresses share."""
    return is_system_administrator(user) or reads_registers(user)


def keeps_terms(user: User) -> bool:
    """Say whether the user enters terms and sessions: staff those of their own congress, the administrator any."""
    return is_system_administrator(user) or keeps_registers(user)


def keeps_accounts(user: User) -> bool:
    """Say whether the user opens and closes accounts, as far as ``may_change_account`` goes."""
    return is_system_administrator(user) or keeps_registers(user)


def may_enter_admin(user: User | AnonymousUser) -> bool:
    """Say whether the admin opens its door: to staff, leaders and the system administrator."""
    return user.is_authenticated and user.is_active and reads_installation(user)


def why_account_is_fixed(user: User, account: User) -> str:
    """Return why the user may not change an account, empty when he may.

    Whoever changes an account can set its password and act as its owner. So staff may not touch an account that can
    do more than they: a system administrator's, one that also acts for a congress that is not theirs, or their own
    hats.
    """
    if is_system_administrator(user):
        return ""
    if account.pk == user.pk:
        return "自己的账号不能在这里修改；修改密码请用右上角的个人菜单，其他改动请联系系统管理员。"
    if account.administers:
        return "这是系统管理员的账号，只有系统管理员可以修改。"
    for membership in account.memberships.select_related("congress"):
        if not may_grant(user, membership.role, membership.congress):
            return f"此账号还在「{membership.congress}」任职，只有系统管理员可以修改。"
    return ""


def may_grant(user: User, role: str, congress: Congress) -> bool:
    """Say whether the user may give somebody a role for a congress.

    A system administrator: any. Staff: any role for their own congress, and the township role for one directly below.
    """
    if is_system_administrator(user):
        return True
    if not keeps_registers(user):
        return False
    here = user.hat.congress_id
    return congress.pk == here or (role == Role.TOWNSHIP and congress.parent_id == here)


def acts(user: User) -> bool:
    """Say whether the user acts for a congress at all."""
    return user.hat is not None


def is_known(user: User) -> bool:
    """Say yes to everybody who is logged in: for what is the user's own."""
    return user.is_authenticated
