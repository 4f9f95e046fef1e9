"""Who needs a second factor, and who has one (allauth.mfa keeps them)."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import User

# Recovery codes stand in for a factor, they are none.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_required(user: User) -> bool:
    """Say whether PORTAL_SECOND_FACTOR asks the account for a second factor."""
    return settings.SECOND_FACTOR == "everybody" or (
        settings.SECOND_FACTOR == "administrators" and user.administers != ""
    )


def is_there(user: User) -> bool:
    """Say whether the account has a second factor. One query."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()
