"""``Idempotency-Key``: what is sent again, by a retry or by two at once, is done once and answered alike."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from accounts.api_models import ApiRequest
from accounts.rest.errors import Refused

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
BAD_KEY = f"{HEADER} 应为 1 至 100 个英文字母、数字或符号，不含空格。"
ANOTHER = f"这个 {HEADER} 已经用于另一个请求，请换一个。"
Handler = Callable[..., Response]


def key_of(request: Request) -> str:
    """Return the key of a request, empty without one. Raises ParseError (400) for what can be none."""
    key = request.headers.get(HEADER, "")
    if key and not KEY.fullmatch(key):
        raise ParseError(BAD_KEY)
    return key


def once(handler: Handler) -> Handler:
    """Have a handler work once for each key: the same request again gets the first answer.

    The row is written before the work and in its transaction: who comes second waits for the first at the unique key,
    and what was refused leaves no row, so that it may be tried again.
    """

    @wraps(handler)
    def answer(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = key_of(request)
        if not key:
            return handler(view, request, *args, **kwargs)
        digest = _digest(request)
        with transaction.atomic():
            row, is_first = ApiRequest.objects.get_or_create(
                user=request.user, key=key, defaults={"digest": digest, "at": timezone.now()}
            )
            if not is_first:
                return _again(row, digest)
            response = handler(view, request, *args, **kwargs)
            row.status, row.answer = response.status_code, json.loads(JSONRenderer().render(response.data))
            row.save(update_fields=["status", "answer"])
            return response

    return answer


def _again(row: ApiRequest, digest: str) -> Response:
    if row.digest != digest:
        raise Refused(ANOTHER, 422)
    return Response(row.answer, row.status, headers={REPLAYED: "true"})


def _digest(request: Request) -> str:
    """Return what tells requests apart: where it goes, under which hat, which version was seen, and what was sent."""
    hat = request.user.hat
    parts = [request.method, request.path, hat.pk if hat else 0, request.headers.get("If-Match", ""), request.data]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
