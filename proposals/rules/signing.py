"""Signatures: how many a bill needs, and what text they cover."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bodies.models import Level
from proposals.models import ProposalKind

if TYPE_CHECKING:
    from proposals.models import Proposal

SIGNERS_OF_BILL = 10
SIGNERS_OF_TOWNSHIP_BILL = 5


def required_signers(level: int) -> int:
    """Return how many deputies must sign a bill together, the lead among them (组织法 22: ten, in a township five)."""
    return SIGNERS_OF_TOWNSHIP_BILL if level == Level.TOWNSHIP else SIGNERS_OF_BILL


def text_digest(proposal: Proposal) -> str:
    """Return the digest of what is signed: kind, title and text. What was changed afterwards is not covered."""
    parts = (proposal.form, proposal.title, proposal.body, proposal.grounds, proposal.plan)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def covers(signed_digest: str, digest: str) -> bool:
    """Say whether a signature holds for the text as it stands; one on paper carries no digest and holds."""
    return signed_digest in ("", digest)


def too_few(form: str, level: int, *, signers: int, unconfirmed: int) -> str:
    """Return, in the deputy's words, that a bill lacks signers; empty where it has enough or is none.

    ``signers`` counts the lead deputy, ``unconfirmed`` those whose signature a change of the text has undone.
    """
    needed = required_signers(level)
    if form != ProposalKind.BILL or signers >= needed:
        return ""
    words = f"议案应当有{needed}名以上代表联名（含领衔代表），现有{signers}名，还差{needed - signers}名。"
    if unconfirmed:
        words += f"另有{unconfirmed}名代表联名后正文有改动，需要重新确认。"
    return f"{words}请邀请代表联名，或者改为建议提交。"
