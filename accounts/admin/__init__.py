"""The registers of accounts, and those of ``bodies``: rights are named here, and that app lies below this one."""

from accounts.admin import bodies, users

__all__ = ["bodies", "users"]
