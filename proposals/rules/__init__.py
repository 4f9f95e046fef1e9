"""Who may do what to a proposal now, and by when things are due: pure decisions from facts, no database."""

from proposals.rules.abilities import abilities_of
from proposals.rules.deadlines import Deadline, before, deadline_of, has_longer_reply, limit_of, rule_of
from proposals.rules.facts import Ability, Commitments, Facts, Task
from proposals.rules.judging import RATED, opens_new_round, verdict
from proposals.rules.signing import covers, required_signers, text_digest, too_few
from proposals.rules.submitting import INSTEAD, missing_parts

__all__ = [
    "INSTEAD",
    "RATED",
    "Ability",
    "Commitments",
    "Deadline",
    "Facts",
    "Task",
    "abilities_of",
    "before",
    "covers",
    "deadline_of",
    "has_longer_reply",
    "limit_of",
    "missing_parts",
    "opens_new_round",
    "required_signers",
    "rule_of",
    "text_digest",
    "too_few",
    "verdict",
]
