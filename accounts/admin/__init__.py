"""The registers of accounts, and those of ``bodies`` and ``audit``: rights are named here, and these apps lie below this one."""

from accounts.admin import audit, bodies, users

__all__ = ["audit", "bodies", "users"]
