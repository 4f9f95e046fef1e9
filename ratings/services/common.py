"""What every write to a round begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.services import UnableToAct
from ratings.abilities import abilities
from ratings.models import RatingRound

if TYPE_CHECKING:
    from accounts.models import User


class RoundWasChanged(UnableToAct):
    """Somebody else acted after the user opened the page."""

    def __init__(self, round_: RatingRound) -> None:
        super().__init__(
            f"「{round_}」刚刚被改动，现在是“{round_.get_state_display()}”，这次没有保存。您填写的内容已保留，请核对后再提交。"
        )


def lock_round(*, round_id: int, user: User, act: str, seen_version: int | None = None) -> RatingRound:
    """Lock a round for the rest of the transaction, for an act of the user.

    Raises RatingRound.DoesNotExist where the user may not see it, UnableToAct where the act is not open to him now,
    RoundWasChanged where the page that he acts from is older than the last change.
    """
    round_ = RatingRound.objects.visible_to(user).select_for_update(of=("self",)).get(pk=round_id)
    if seen_version is not None and round_.version != seen_version:
        raise RoundWasChanged(round_)
    ability = abilities(user, round_).get(act)
    if ability is None:
        raise UnableToAct(f"「{round_}」{round_.get_state_display()}，您现在不能这样办理，没有改动。")
    if not ability.allowed:
        raise UnableToAct(ability.reason)
    return round_


def changed(round_: RatingRound, **fields: object) -> RatingRound:
    """Save fields of a locked round and raise its version, so that pages opened before are known to be stale."""
    for name, value in fields.items():
        setattr(round_, name, value)
    round_.version += 1
    round_.save(update_fields=[*fields, "version"])
    return round_
