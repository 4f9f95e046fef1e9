"""JSON as it comes from anybody."""

from __future__ import annotations

import json
import re
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

NOT_JSON = "提交的内容不是正确的 JSON（UTF-8 编码）。"
# The sign itself, not the words that somebody writes about it.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
UNUSABLE = "提交的内容含有不能保存的字符。"


class TooLarge(APIException):
    status_code = 413
    default_detail = "提交的内容过大。"


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, of a bounded size, with nothing in it that no text can hold."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: dict | None = None) -> Any:
        """Return what was sent. Raises ParseError (400) and TooLarge (413)."""
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        if not body.strip():
            return {}
        try:
            # Nesting without end and numbers of thousands of digits are refused by Python itself.
            data = json.loads(body.decode(), parse_constant=_no_number)
            text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        except (ValueError, RecursionError) as error:
            raise ParseError(NOT_JSON) from error
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ParseError(UNUSABLE) from error
        if NUL.search(text):
            raise ParseError(UNUSABLE)
        return data
