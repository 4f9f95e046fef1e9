"""Every write to rating rounds."""

from casework.services import UnableToAct
from ratings.services.common import RoundWasChanged
from ratings.services.drafting import NewSubject, change_round, create_round, delete_round
from ratings.services.paper import enter_paper_tally
from ratings.services.rights import add_voters, issue_codes, remove_voters
from ratings.services.stages import close_round, open_round, publish_round
from ratings.services.voting import AlreadyVoted, Tick, cast_vote

__all__ = [
    "AlreadyVoted",
    "NewSubject",
    "RoundWasChanged",
    "Tick",
    "UnableToAct",
    "add_voters",
    "cast_vote",
    "change_round",
    "close_round",
    "create_round",
    "delete_round",
    "enter_paper_tally",
    "issue_codes",
    "open_round",
    "publish_round",
    "remove_voters",
]
