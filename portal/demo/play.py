"""Lives the plans through the portal's own services, in the order of time, so that history and numbers are true."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType

from django.utils import timezone

from accounts.models import User
from bodies.models import Unit
from deputies.models import Seat
from portal.demo import texts, topics_country
from portal.demo.archive import Archive
from portal.demo.people import Roster, delegation_name
from portal.demo.plan import Plan
from portal.demo.texts import Paper
from portal.demo.units import UnitRow
from proposals import services
from proposals.models import Category, Cosignature, Disclosure, OutcomeCategory, ProposalKind

ANY_HOUR = {"draft", "submit", "rate"}
MINUTE = dt.timedelta(minutes=1)
# Between two acts of a proposal on one day; units that receive together acknowledge within it.
APART = 15 * MINUTE
BILL_COSIGNERS = 10


@dataclass
class Cast:
    """Everybody and everything that takes part."""

    roster: Roster
    staff: list[User]
    units: dict[str, tuple[Unit, UnitRow, User]]
    categories: dict[str, Category]
    outcomes: dict[str, OutcomeCategory]


@dataclass
class _Story:
    """One plan with who and what it is about, and how far it has come."""

    plan: Plan
    paper: Paper
    lead: Seat
    units: list[str]
    cosigners: list[Seat]
    refusal: tuple[str, str] | None = None
    proposal_id: int = 0
    round: int = 0
    moments: list[dt.datetime] = field(default_factory=list)
    latest: dt.datetime | None = None


class Play:
    """Casts the plans and performs them: what is still open through the services, what is settled in the archive."""

    def __init__(
        self, cast: Cast, papers: Iterator[Paper], now: dt.datetime, rng: random.Random, *, archives: bool = True
    ) -> None:
        self.cast, self.papers, self.now, self.rng = cast, papers, now, rng
        self.archive = Archive(cast.roster.seats) if archives else None
        self.written: dict[tuple[str, int], int] = defaultdict(lambda: rng.randint(2, 6))
        self.stories: list[_Story] = []
        self.pool: list[Paper] = []

    def add(self, plans: Sequence[Plan]) -> None:
        """Give each plan its paper, deputy and units."""
        refusals, bills = iter(texts.REFUSED), iter(topics_country.BILLS)
        for plan in sorted(plans, key=lambda plan: (not plan.unit, not plan.deputy)):
            lead = self.cast.roster.by_username[plan.deputy] if plan.deputy else None
            paper = self._paper(plan, lead)
            lead = lead or self._lead(paper)
            refusal = None
            if plan.state == "refused" and (row := next(refusals, None)):
                title, *refusal = row
                paper = texts.write(paper.topic, paper.town, self.rng, title=title)
            elif plan.is_bill:
                paper = texts.write(next(bills), paper.town, self.rng, is_bill=True)
            elif plan.title:
                paper = texts.write(paper.topic, paper.town, self.rng, title=plan.title)
            story = _Story(plan, paper, lead, self._units(plan, paper), self._cosigners(plan, lead), refusal)
            story.moments = self._moments(plan)
            self.stories.append(story)

    def perform(self) -> None:
        """Do every act at its moment, all proposals side by side."""
        agenda = [
            (moment, number, index)
            for number, story in enumerate(self.stories)
            for index, moment in enumerate(story.moments)
        ]
        for moment, number, index in sorted(agenda):
            story = self.stories[number]
            act = story.plan.acts[index]
            story.latest = max(moment, story.latest or moment)
            getattr(self, f"_{act.kind}")(story, story.latest, act.grade)
        if self.archive:
            self.archive.store()

    def _door(self, story: _Story) -> ModuleType | Archive:
        if self.archive and story.plan.state == "rated":
            return self.archive
        if self.archive:
            self.archive.settle_numbers()
        return services

    # casting

    def _paper(self, plan: Plan, lead: Seat | None) -> Paper:
        wanted_place = lead.delegation.name if lead else ""
        while len(self.pool) < 500 and (paper := next(self.papers, None)):
            self.pool.append(paper)
        for index, paper in enumerate(self.pool):
            fits = not plan.unit or paper.topic.lead == plan.unit
            if fits and (not wanted_place or delegation_name(paper.town.name) == wanted_place):
                return self.pool.pop(index)
        raise LookupError(plan.unit or wanted_place)

    def _lead(self, paper: Paper) -> Seat:
        local = self.cast.roster.by_delegation[delegation_name(paper.town.name)]
        # The demo deputies' own proposals are planned one by one.
        demo = self.cast.roster.by_username.values()
        return self.rng.choice([seat for seat in local if seat not in demo])

    def _units(self, plan: Plan, paper: Paper) -> list[str]:
        chosen = [paper.topic.lead, *paper.topic.assist]
        if plan.assisting is None:
            return chosen[: 1 + self.rng.choice((0, 1, 1, 2, 2))]
        others = [alias for alias in self.cast.units if alias not in chosen]
        return (chosen + self.rng.sample(others, plan.assisting))[: 1 + plan.assisting]

    def _cosigners(self, plan: Plan, lead: Seat) -> list[Seat]:
        amount = self.rng.choice((0, 0, 0, 0, 1, 2, 3, 5))
        if plan.is_bill:
            amount += BILL_COSIGNERS
        return self.rng.sample([seat for seat in self.cast.roster.seats if seat is not lead], amount)

    def _moments(self, plan: Plan) -> list[dt.datetime]:
        """Return when in its day each act is done: one after the other, and none later than now."""
        moments: list[dt.datetime] = []
        for index, act in enumerate(plan.acts):
            hour = self.rng.randint(7, 21) if act.kind in ANY_HOUR else self.rng.choice((9, 10, 11, 14, 15, 16))
            midnight = timezone.make_aware(dt.datetime.combine(act.day, dt.time()))
            moment = midnight + dt.timedelta(hours=hour, minutes=self.rng.randint(0, 59))
            if moments and moment <= moments[-1]:
                moment = moments[-1] + APART + self.rng.randint(1, 9) * MINUTE
            latest = self.now - (len(plan.acts) - index) * APART
            if timezone.localdate(moment) > act.day or moment > latest:
                moment = min(latest, midnight + dt.timedelta(hours=23, minutes=50))
            # Just after midnight there is no earlier minute of the day left.
            moments.append(max(moment, midnight, *moments[-1:]))
        return moments

    # acts

    def _draft(self, story: _Story, moment: dt.datetime, _grade: str = "") -> None:
        paper, door = story.paper, self._door(story)
        proposal = door.create_draft(
            user=story.lead.person.user,
            request_key=uuid.uuid4(),
            now=moment,
            title=paper.title,
            form=ProposalKind.BILL if story.plan.is_bill else ProposalKind.SUGGESTION,
            category=self.cast.categories[paper.topic.category],
            disclosure=self.rng.choice((Disclosure.FULL, Disclosure.FULL, Disclosure.TITLE)),
            suggested_unit=self.cast.units[paper.topic.lead][0] if self.rng.random() < 0.5 else None,
            body=paper.body,
        )
        story.proposal_id = proposal.pk
        if isinstance(door, Archive):
            door.cosign(proposal=proposal, seats=story.cosigners)
        else:
            Cosignature.objects.bulk_create(Cosignature(proposal=proposal, seat=seat) for seat in story.cosigners)

    def _submit(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        if not story.proposal_id:
            self._draft(story, moment - self.rng.randint(8, 90) * MINUTE)
        self._door(story).submit(
            proposal_id=story.proposal_id, seen_version=None, user=story.lead.person.user, now=moment
        )

    def _review(self, story: _Story, moment: dt.datetime, outcome: str, **fields: str) -> None:
        self._door(story).review(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self._staff(),
            now=moment,
            outcome_code=outcome,
            **fields,
        )

    def _pass(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        self._review(story, moment, "pass")

    def _return(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        self._review(story, moment, "return", reason=self.rng.choice(texts.RETURN_REASONS))

    def _refuse(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        reason, words = story.refusal or ("empty", "请补充实际内容后另行提出。")
        self._review(story, moment, "not_registered", not_registered_reason=reason, reason=words)

    def _assign(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        lead, *assisting = [self.cast.units[alias][0] for alias in story.units]
        how = {"lead": lead, "assisting": assisting}
        if story.plan.is_separate:
            how = {"lead": None, "separate": [lead, assisting[0]], "assisting": assisting[1:]}
        self._door(story).assign(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self._staff(),
            now=moment,
            due_on=story.plan.due_by_hand,
            **how,
        )

    def _acknowledge(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        for number, alias in enumerate(story.units):
            story.latest = max(moment, min(moment + number * MINUTE, self.now))
            self._door(story).acknowledge(
                proposal_id=story.proposal_id,
                seen_version=None,
                user=self.cast.units[alias][2],
                now=story.latest,
            )

    def _contact(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        way = self.rng.choice(("visit", "visit", "meeting", "phone"))
        self._door(story).record_contact(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self.cast.units[story.units[0]][2],
            now=moment,
            contacted_on=timezone.localdate(moment),
            way=way,
            summary=self.rng.choice(texts.CONTACT_SUMMARIES[way]),
        )

    def _reply(self, story: _Story, moment: dt.datetime, _grade: str) -> None:
        unit, row, user = self.cast.units[story.units[0]]
        today = timezone.localdate(moment)
        self.written[row.letters, today.year] += self.rng.randint(1, 3)
        outcomes = story.plan.outcomes
        outcome = outcomes[min(story.round, len(outcomes) - 1)]
        self._door(story).reply(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=user,
            now=moment,
            replied_on=today,
            document_no=f"{row.letters}〔{today.year}〕{self.written[row.letters, today.year]}号",
            outcome=self.cast.outcomes[outcome],
            body=texts.reply_body(
                story.paper,
                deputy=story.lead.person.name,
                unit=unit.name,
                outcome=outcome,
                month=today.month,
                again=story.round > 0,
                rng=self.rng,
            ),
        )
        story.round += 1

    def _rate(self, story: _Story, moment: dt.datetime, grade: str) -> None:
        opinions = {
            "satisfied": texts.OPINIONS_SATISFIED,
            "basically": texts.OPINIONS_BASICALLY,
            "dissatisfied": texts.OPINIONS_DISSATISFIED,
        }[grade]
        # Staff enter what came back on paper.
        by_proxy = grade == "satisfied" and self.rng.random() < 0.06
        self._door(story).rate(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self._staff() if by_proxy else story.lead.person.user,
            now=moment,
            attitude="basically" if grade == "dissatisfied" else "satisfied",
            result=grade,
            opinion=self.rng.choice(opinions),
        )

    def _staff(self) -> User:
        return self.rng.choices(self.cast.staff, [7, 3])[0]
