"""Answers to what cannot be done, in Chinese: ``{"detail": …}``, or by field ``{"title": ["…"]}``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.views import exception_handler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from rest_framework.response import Response

NOT_FOUND = "没有这条记录，或者您看不到它。"
NO_SUCH_ADDRESS = "没有这个接口地址；地址以斜线结尾，全部接口见 /api/v1/。"
WORDS: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "请先登录，或者在 Authorization 里带上接口令牌。",
    exceptions.PermissionDenied: "您的身份不能使用这个接口。",
    PermissionDenied: "您的身份不能使用这个接口。",
    exceptions.MethodNotAllowed: "这个地址不支持这种请求方法。",
    exceptions.NotAcceptable: "接口只回答 JSON。",
    exceptions.UnsupportedMediaType: "请用 JSON 提交，Content-Type 写 application/json。",
    Http404: NOT_FOUND,
    exceptions.NotFound: NOT_FOUND,
}


class Refused(exceptions.APIException):
    """What a service refuses; the words are the service's own."""

    status_code = 409

    def __init__(self, words: str, status: int = 409) -> None:
        super().__init__(words)
        self.status_code = status


class Wrong(exceptions.ValidationError):
    """What was sent has the right shape but a wrong content, field by field."""

    status_code = 422


def wrong(fields: Mapping[str, Any]) -> Wrong:
    """Return the refusal of what was sent, from the errors of a form or of a row; ``__all__`` is the whole."""
    named = {"detail" if name == "__all__" else name: [str(one) for one in said] for name, said in fields.items()}
    return Wrong(named)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception that a view of the API raised; None for a fault of ours."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.Throttled):
        wait = f"请 {math.ceil(error.wait)} 秒后再试。" if error.wait else "请稍后再试。"
        response.data = {"detail": f"请求过于频繁，{wait}"}
    elif type(error) in WORDS and _has_stock_words(error):
        response.data = {"detail": WORDS[type(error)]}
    elif isinstance(response.data, list):
        response.data = {"detail": "；".join(map(str, response.data))}
    return response


def _has_stock_words(error: Exception) -> bool:
    """Say whether nobody chose words for this one."""
    if not isinstance(error, exceptions.APIException):
        return True
    if isinstance(error, exceptions.NotFound | exceptions.PermissionDenied | exceptions.NotAuthenticated):
        return error.detail == type(error).default_detail
    return True


def unknown(request: HttpRequest) -> JsonResponse:
    """Answer an address of the API that does not exist: a program wants no page."""
    del request
    return JsonResponse({"detail": NO_SUCH_ADDRESS}, status=404, json_dumps_params={"ensure_ascii": False})
