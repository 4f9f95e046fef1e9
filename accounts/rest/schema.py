"""How the description of the API names its addresses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema


def register(title: str, note: str = "") -> dict[str, Any]:
    """Return what describes a register: for ``extend_schema_view``."""
    told = note or "与登记管理中的同一登记簿相同：同样的人可以查阅，同样的记录。"
    return {
        "list": extend_schema(summary=f"{title}列表", description=told),
        "retrieve": extend_schema(summary=f"一条{title}", description=told),
    }


class TokenScheme(OpenApiAuthenticationExtension):
    """How the description of the API names tokens."""

    target_class = "accounts.rest.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the scheme in OpenAPI's words."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "写成：Token 加空格加令牌。"}


class PageScheme(OpenApiAuthenticationExtension):
    """How the description of the API names the log-in of the pages."""

    target_class = "accounts.rest.authentication.PageAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the scheme in OpenAPI's words."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "已登录的浏览器。"}
