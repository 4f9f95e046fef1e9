"""Ballot codes: short words that can be typed from paper, and their pictures."""

from __future__ import annotations

import secrets

import segno
from django.utils.safestring import SafeString, mark_safe

LENGTH = 8
# Nothing that is read for another sign: no 0 O 1 I L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_codes(number: int) -> list[str]:
    """Return so many different codes by chance (31^8 are possible)."""
    found: set[str] = set()
    while len(found) < number:
        found.add("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
    return list(found)


def read_code(typed: str) -> str:
    """Return the code that was typed, with or without hyphen and blanks, in any case; empty where it is none."""
    code = "".join(sign for sign in typed[:40].upper() if sign not in " -－　")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def picture(address: str) -> SafeString:
    """Return the QR code of an address as a picture that stands in the page itself."""
    return mark_safe(segno.make(address, error="m").svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))  # noqa: S308 - made here
