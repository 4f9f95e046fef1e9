"""What some of the live year's proposals go through besides the steps, through the portal's own services."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from django.utils import timezone

from accounts.models import User
from portal.demo import texts_bills, texts_deeds
from portal.demo.story import Cast, Story
from proposals import services
from proposals.models import Assignment, AssignmentRole, ExtensionRequest, Proposal, ReturnRequest
from proposals.rules import text_digest
from proposals.services import signing, withdrawing

DAY = dt.timedelta(days=1)
WANTED_DAYS = 30


class Deeds:
    """One method for each kind of act; ``signer`` says who heads a unit."""

    def __init__(self, cast: Cast, rng: random.Random, staff: Callable[[], User], signer: Callable[[str], str]) -> None:
        self.cast, self.rng, self._staff, self._signer = cast, rng, staff, signer
        self.told: dict[str, int] = {}

    def _next(self, texts: tuple) -> object:
        """Return the texts of a tuple in turn."""
        number = self.told.get(texts[0], 0)
        self.told[texts[0]] = number + 1
        return texts[number % len(texts)]

    def _of(self, story: Story, user: User, moment: dt.datetime) -> dict[str, object]:
        return {"proposal_id": story.proposal_id, "seen_version": None, "user": user, "now": moment}

    def _unit(self, story: Story) -> User:
        return self.cast.units[story.units[0]][2]

    def distribute(self, story: Story, moment: dt.datetime) -> None:
        """The government office splits the item among departments."""
        lead, *assisting = [self.cast.units[alias][0] for alias in story.units]
        services.distribute(lead=lead, assisting=assisting, **self._of(story, self.cast.office, moment))

    def ask_return(self, story: Story, moment: dt.datetime) -> None:
        """The lead unit asks to be relieved."""
        services.ask_return(
            reason=self._next(texts_deeds.RETURN_REQUESTS),
            signed_by=self._signer(story.units[0]),
            suggested_unit=self.cast.units[self._other(story)][0] if self.rng.random() < 0.5 else None,
            **self._of(story, self._unit(story), moment),
        )

    def _other(self, story: Story) -> str:
        """Return a unit that has no part yet, of the same system as the lead one."""
        system = self.cast.units[story.units[0]][1].system
        free = [alias for alias, (_, row, _) in self.cast.units.items() if row.system == system]
        return self.rng.choice([alias for alias in free if alias not in story.units])

    def grant_return(self, story: Story, moment: dt.datetime) -> None:
        """Staff agree, and another unit takes the lead."""
        asked = ReturnRequest.objects.get(assignment__round__proposal=story.proposal_id)
        unit = asked.suggested_unit or self.cast.units[self._other(story)][0]
        services.decide_return(
            request_id=asked.pk,
            agreed=True,
            note=texts_deeds.RETURN_NOTE,
            unit=unit,
            **self._of(story, self._staff(), moment),
        )
        story.units[0] = next(alias for alias, row in self.cast.units.items() if row[0] == unit)

    def ask_extension(self, story: Story, moment: dt.datetime) -> None:
        """The lead unit asks for a later date."""
        part = Assignment.objects.in_force().get(round__proposal=story.proposal_id, role=AssignmentRole.LEAD)
        services.ask_extension(
            wanted_until=part.due_on + WANTED_DAYS * DAY,
            reason=self._next(texts_deeds.EXTENSIONS),
            signed_by=self._signer(story.units[0]),
            **self._of(story, self._unit(story), moment),
        )

    def grant_extension(self, story: Story, moment: dt.datetime) -> None:
        """Staff grant the date."""
        asked = ExtensionRequest.objects.get(assignment__round__proposal=story.proposal_id)
        services.decide_extension(
            request_id=asked.pk,
            agreed=True,
            granted_until=asked.wanted_until,
            note=texts_deeds.EXTENSION_NOTE,
            **self._of(story, self._staff(), moment),
        )

    def merge(self, story: Story, moment: dt.datetime) -> None:
        """Staff join the proposal to another one on the same matter."""
        services.review(
            outcome_code="merge",
            merge_into=Proposal.objects.get(pk=story.joins.proposal_id),
            reason="两件建议反映同一事项，并案办理，分别答复代表。",
            **self._of(story, self._staff(), moment),
        )

    def key(self, story: Story, moment: dt.datetime) -> None:
        """Staff enter that a meeting made it an item of key supervision."""
        services.mark_key(
            meeting=self._next(texts_deeds.KEY_MEETINGS),
            decided_on=timezone.localdate(moment),
            **self._of(story, self._staff(), moment),
        )

    def gate(self, story: Story, moment: dt.datetime) -> None:
        """Staff enter the next gate of quality."""
        gate, note = self._next(texts_deeds.GATES)
        services.pass_gates(gates=[gate], note=note, **self._of(story, self._staff(), moment))

    def milestone(self, story: Story, moment: dt.datetime) -> None:
        """Staff enter what became of the followed bill."""
        step = self._next(texts_bills.FOLLOWED_STEPS)
        services.add_milestone(
            kind=step.kind,
            happened_on=timezone.localdate(moment),
            meeting=step.meeting,
            text=step.text,
            **self._of(story, self._staff(), moment),
        )

    def invite(self, story: Story, moment: dt.datetime) -> None:
        """The deputy asks the two other demo deputies to sign."""
        seats = [seat.pk for name, seat in self.cast.roster.by_username.items() if seat is not story.lead]
        signing.invite(seats=seats, **self._of(story, story.lead.person.user, moment))

    def cosign(self, story: Story, moment: dt.datetime) -> None:
        """The first of them accepts."""
        signing.answer_invitation(
            proposal_id=story.proposal_id,
            seen_digest=text_digest(Proposal.objects.get(pk=story.proposal_id)),
            user=self.cast.roster.by_username["daibiao2"].person.user,
            now=moment,
            agrees=True,
        )

    def withdraw(self, story: Story, moment: dt.datetime) -> None:
        """The deputy withdraws the proposal."""
        withdrawing.withdraw(reason=texts_deeds.WITHDRAWAL, **self._of(story, story.lead.person.user, moment))
