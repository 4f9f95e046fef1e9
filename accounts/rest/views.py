"""What every view of the API does before its own work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.views import APIView

if TYPE_CHECKING:
    from rest_framework.request import Request

READ_ONLY = "这个令牌只能读取，不能办理和登记。"
NO_HAT = "您的账号还没有任职身份，请联系系统管理员。"
PAGE_SIZE, LARGEST_PAGE = 50, 100


class Known(BasePermission):
    """Somebody who is logged in, or a token; one that only reads does nothing else."""

    message = READ_ONLY

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the request may go on. Raises NotAuthenticated (401) for nobody."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        return request.method in SAFE_METHODS or not getattr(request.auth, "is_read_only", False)


class Acting(BasePermission):
    """Somebody who acts for a congress."""

    message = NO_HAT

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the user wears a hat."""
        return request.user.hat is not None


class ApiView(APIView):
    """A view whose refusals for want of a log-in count against the rate of the address they come from."""

    permission_classes = [Known]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks, whether he may, and whether he asks too often."""
        try:
            super().initial(request, *args, **kwargs)
        except (NotAuthenticated, AuthenticationFailed):
            self.check_throttles(request)
            raise


class Pages(PageNumberPagination):
    """A page at a time, of a size up to LARGEST_PAGE."""

    page_size = PAGE_SIZE
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"
    page_query_description = "第几页，从 1 起。"
    page_size_query_description = f"每页几条，最多 {LARGEST_PAGE}。"
