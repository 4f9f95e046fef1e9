"""The user's own messages; and for the office what people were told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers

from accounts import permissions
from accounts.rest.fields import Named, Row
from accounts.rest.registers import RegisterViewSet
from accounts.rest.schema import register
from notices.models import Digest, Message, Notice, NoticeText


class MessageRow(Row):
    class Meta:
        model = Message
        fields = ["id", "title", "body", "url", "created_at", "read_at"]


@extend_schema_view(**register("我的消息", "本人的站内消息，新的在前。"))
class MessageViewSet(RegisterViewSet):
    model = Message
    serializer_class = MessageRow
    may_view = staticmethod(permissions.is_known)
    search_fields = ["title"]


class NoticeRow(Row):
    recipient = Named()

    class Meta:
        model = Notice
        fields = [
            "id", "rule", "title", "body", "recipient", "channel", "state", "due_on", "created_at", "attempts", "sent_at",
            "last_error",
        ]  # fmt: skip


@extend_schema_view(**register("提醒"))
class NoticeViewSet(RegisterViewSet):
    model = Notice
    serializer_class = NoticeRow
    filters = {"state": "state", "channel": "channel"}
    search_fields = ["title", "recipient__name", "recipient__username"]
    related = ["recipient"]


class DigestRow(Row):
    recipient = Named()
    lines = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Digest
        fields = [
            "id", "title", "recipient", "channel", "day", "total", "lines", "state", "created_at", "attempts", "sent_at",
            "last_error",
        ]  # fmt: skip


@extend_schema_view(**register("每日提醒汇总"))
class DigestViewSet(RegisterViewSet):
    model = Digest
    serializer_class = DigestRow
    filters = {"state": "state", "channel": "channel"}
    search_fields = ["recipient__name", "recipient__username"]
    related = ["recipient"]


class NoticeTextRow(Row):
    class Meta:
        model = NoticeText
        fields = ["id", "rule", "title", "body"]


@extend_schema_view(**register("提醒用语"))
class NoticeTextViewSet(RegisterViewSet):
    model = NoticeText
    serializer_class = NoticeTextRow


REGISTERS: list[tuple[str, Any]] = [
    ("messages", MessageViewSet),
    ("notices", NoticeViewSet),
    ("digests", DigestViewSet),
    ("notice-texts", NoticeTextViewSet),
]
