"""What a refused page says: never the words of rows that were not for the sender, always what he typed himself."""

import pytest

from proposals.models import Commitment, Disclosure, Oversight, Proposal
from tests.proposals.oversight.acts import overseen
from tests.proposals.replying import page, send
from tests.proposals.test_commitments import MATTER, promised, rated, report, verify
from tests.world import World

TYPED = "我想知道这一项。"


def public(row: Proposal) -> Proposal:
    Proposal.objects.filter(pk=row.pk).update(disclosure=Disclosure.FULL)
    return Proposal.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("look-back", "text"),
        ("commitment-verify", "text"),
        ("commitment-change", "reason"),
        ("commitment-report", "text"),
        ("commitment-rate", "text"),
    ],
)
def test_refused_post_names_no_commitment(world: World, act: str, typed: str) -> None:
    row = rated(world, promised(world))
    if act in ("commitment-verify", "commitment-rate"):
        report(world, row)
    if act == "commitment-rate":
        verify(world, row, agreed=True)
    row = public(row)
    sent = {"version": row.version, "commitment_id": Commitment.objects.get().pk, typed: TYPED}
    for user in (world.other_deputy, world.police_user, world.township_user):
        answer = send(user, act, row, **sent)
        assert answer.status_code in (404, 409), user
        words = answer.content.decode()
        assert (MATTER in words, "期限2026" in words) == (False, False), user
        assert (TYPED in words) == (answer.status_code == 409), user
    assert send(world.other_deputy, act, row, **sent).status_code == 409


def test_refused_post_names_no_overseer(world: World) -> None:
    row = rated(world, promised(world))
    one = overseen(world, row, world.leader)
    overseen(world, row)
    row = public(row)
    assert "陈主任" not in page(world.other_deputy, "case", row)
    for act, sent in (
        ("lift", {"oversight_id": one.pk, "reason": TYPED}),
        ("oversee", {"overseer": world.leader.pk, "note": TYPED}),
    ):
        answer = send(world.other_deputy, act, row, version=row.version, **sent)
        words = answer.content.decode()
        assert (answer.status_code, TYPED in words) == (409, True), act
        assert not any(word in words for word in ("陈主任", "第二十三次主任会议")), act
    assert Oversight.objects.in_force().count() == 2
