"""What all congresses share."""

from __future__ import annotations

from accounts import permissions
from accounts.admin_base import Scoped
from casework import procedures


class Installation(Scoped):
    """What all congresses share: kept by the system administrator, read by staff and leaders."""

    may_view = staticmethod(permissions.reads_installation)
    may_keep = staticmethod(permissions.keeps_installation)


class OfProcedures(Scoped):
    """Shipped by the installation, copied and changed by staff for their congress, read by leaders."""

    may_view = staticmethod(permissions.reads_installation)
    may_keep = staticmethod(procedures.may_copy)
