"""Where people want to be reminded outside the portal: each keeps his own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import User
from notices.models import OUTSIDE, Address, Channel, Digest, Notice
from notices.rules import why_webhook_refused


class UnableToSaveAddresses(Exception):
    """An address cannot be used; ``errors`` says why, by channel, in the user's words."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__("；".join(errors.values()))


@dataclass(frozen=True)
class Wish:
    """One channel as the user wants it; without an address it is given up. An empty secret keeps the one stored."""

    address: str
    is_active: bool
    secret: str = ""


@transaction.atomic
def save_addresses(*, user: User, wishes: Mapping[str, Wish]) -> None:
    """Keep the user's outside addresses as he wants them. Raises UnableToSaveAddresses, and then nothing is changed."""
    errors = {channel: why for channel, wish in wishes.items() if (why := _why_refused(channel, wish.address))}
    if errors:
        raise UnableToSaveAddresses(errors)
    # Two tabs take turns.
    User.objects.select_for_update().get(pk=user.pk)
    for channel in OUTSIDE:
        if (wish := wishes.get(channel)) is None:
            continue
        if not wish.address:
            Address.objects.visible_to(user).filter(channel=channel).delete()
            continue
        kept = {"address": wish.address, "is_active": wish.is_active}
        if wish.secret:
            kept["secret"] = wish.secret
        Address.objects.update_or_create(user=user, channel=channel, defaults=kept)


@transaction.atomic
def forget_addresses(*, user: User) -> int:
    """Delete where a person was reminded, and what servers said of these addresses. Returns how many there were."""
    for sent in (Notice, Digest):
        sent.objects.filter(recipient=user).exclude(last_error="").update(last_error="")
    return Address.objects.filter(user=user).delete()[0]


def _why_refused(channel: str, address: str) -> str:
    if not address:
        return ""
    if channel != Channel.EMAIL:
        return why_webhook_refused(address, settings.WEBHOOK_HOSTS)
    try:
        validate_email(address)
    except ValidationError:
        return "这不是一个电子邮件地址，请核对。"
    return ""
