"""Who may do what outside a case: named predicates on a user, composed here and nowhere else.

What a user may do on a case is decided by that case's app (see ``proposals.abilities``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import GIVEN_BY_STAFF, Administration, Role

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


def reads_bodies(user: User) -> bool:
    """Say whether the user may read which congresses, units and committees there are: grants are given for them."""
    return reads_installation(user) or is_security_administrator(user)


def keeps_terms(user: User) -> bool:
    """Say whether the user enters terms and sessions: staff those of their own congress, the administrator any."""
    return is_system_administrator(user) or keeps_registers(user)


def opens_accounts(user: User) -> bool:
    """Say whether the user opens accounts, closes them and sets passwords, as far as ``why_account_is_fixed`` goes."""
    return is_system_administrator(user) or keeps_registers(user)


def grants_hats(user: User) -> bool:
    """Say whether the user gives and takes hats, as far as ``may_grant`` goes."""
    return is_security_administrator(user) or keeps_registers(user)


def takes_tokens_back(user: User) -> bool:
    """Say whether the user may take back tokens of others: of those whose accounts he may shut out (``kept_by``)."""
    return is_security_administrator(user) or opens_accounts(user)


def appoints_administrators(user: User) -> bool:
    """Say whether the user says who the administrators are: the security administrator, of everybody but himself."""
    return is_security_administrator(user)


def reads_accounts(user: User) -> bool:
    """Say whether the user sees the register of accounts."""
    return opens_accounts(user) or grants_hats(user)


def may_enter_admin(user: User | AnonymousUser) -> bool:
    """Say whether the admin opens its door: to staff, leaders and the three administrators."""
    return user.is_authenticated and user.is_active and (reads_bodies(user) or is_auditor(user))


def why_account_is_fixed(user: User, account: User) -> str:
    """Return why the user may not change an account, empty when he may.

    Whoever changes an account can set its password and act as its owner. So staff may not touch an account that can
    do more than they could grant: an administrator's, a colleague's, one that also acts for another congress. Nobody
    changes his own rights.
    """
    if account.pk == user.pk:
        return "自己的账号不能在这里修改；修改密码请用右上角的个人菜单，其他改动请联系系统管理员。"
    if is_security_administrator(user):
        return ""
    if account.administers:
        # Whoever sets the password of another administrator could do his work.
        return f"这是{account.get_administers_display()}的账号，只有安全管理员可以解除；密码在服务器上用 changepassword 命令重设。"
    if is_system_administrator(user):
        return ""
    for membership in account.hats:
        if not may_grant(user, membership.role, membership.congress):
            where = f"「{membership.congress}」{membership.get_role_display()}"
            return f"此账号有{where}身份，账号由系统管理员修改，身份由安全管理员修改。"
    return ""


def may_grant(user: User, role: str, congress: Congress) -> bool:
    """Say whether the user may give somebody a role for a congress.

    The security administrator: any. Staff: the roles of units and deputies for their own congress, and the township
    role for one directly below; nobody gives the role that he has.
    """
    if is_security_administrator(user):
        return True
    if not keeps_registers(user):
        return False
    here = user.hat.congress_id
    if congress.pk == here:
        return role in GIVEN_BY_STAFF
    return role == Role.TOWNSHIP and congress.parent_id == here


def acts(user: User) -> bool:
    """Say whether the user acts for a congress at all."""
    return user.hat is not None


def is_known(user: User) -> bool:
    """Say yes to everybody who is logged in: for what is the user's own."""
    return user.is_authenticated
