"""Mobile numbers as log-in names."""

from __future__ import annotations

import re

MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
BETWEEN = re.compile(r"[\s\-()（）]")


def mobile_of(text: str) -> str:
    """Return the eleven digits of a mainland mobile number however it was typed; empty when the text is none."""
    match = MOBILE.fullmatch(BETWEEN.sub("", text))
    return match[1] if match else ""
