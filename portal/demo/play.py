"""Lives the plans through the portal's own services, in the order of time, so that history and numbers are true."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType

from django.utils import timezone

from accounts.models import User
from casework.queries import work_calendar
from deputies.models import Seat
from portal.demo import names, promises, texts, texts_bills, texts_deeds, topics_country
from portal.demo.archive import Archive
from portal.demo.deeds import Deeds
from portal.demo.people import delegation_name
from portal.demo.plan import DAY, Act, Plan
from portal.demo.story import Cast, Story
from portal.demo.texts import Paper
from proposals import services
from proposals.models import ContactPhase, Cosignature, Disclosure, FormedBy, ProposalKind, ReplyDisclosure

ANY_HOUR = {"draft", "submit", "rate", "invite", "cosign", "withdraw"}
# What the archive can write of stories that are not over; of a young year the services tell the units.
WITH_UNITS = {"acknowledged", "contacted", "rate", "redo"}
PLAIN = {"submit", "pass", "assign", "acknowledge", "contact", "reply", "rate"}
MINUTE = dt.timedelta(minutes=1)
# Between two acts of a proposal on one day; units that receive together acknowledge within it.
APART = 15 * MINUTE
BILL_COSIGNERS = 10
# How many deputies want to be talked to, units do so before they begin and after they have answered, and how many of
# the assisting units say nothing; where the reply is still owed, how often their opinions are in, and when all are.
WANTS_CONTACT, EARLY_CONTACTS, LATE_CONTACTS, SILENT = 0.4, 0.5, 0.4, 0.15
OPINIONS_OPEN, OPINIONS_WITHIN = 0.6, 20


class Play:
    """Casts the plans and performs them: what is new through the services, what is settled or plain in the archive."""

    def __init__(
        self, cast: Cast, papers: Iterator[Paper], now: dt.datetime, rng: random.Random, *, archives: bool = True
    ) -> None:
        self.cast, self.papers, self.now, self.rng = cast, papers, now, rng
        self.archive = Archive(cast.roster.seats) if archives else None
        self.written: dict[tuple[str, int], int] = defaultdict(lambda: rng.randint(2, 6))
        self.heads: dict[str, str] = {}
        self.deeds = Deeds(cast, rng, self._staff, self._head)
        self.calendar = work_calendar()
        # Promises have a chance of their own: they change nothing of the rest of the county.
        self.promising = random.Random(now.toordinal())  # noqa: S311 - nothing secret
        self.stories: list[Story] = []
        self.pool: list[Paper] = []

    def add(self, plans: Sequence[Plan]) -> None:
        """Give each plan its paper, deputy and units."""
        refusals, bills = iter(texts.REFUSED), iter(topics_country.BILLS)
        for plan in sorted(plans, key=lambda plan: (plan.joins is not None, not plan.unit, not plan.deputy)):
            lead = self.cast.roster.by_username[plan.deputy] if plan.deputy else None
            joins = next((story for story in self.stories if story.plan is plan.joins), None)
            paper = self._joining_paper(joins) if joins else self._paper(plan, lead)
            lead = lead or self._lead(paper, joins)
            refusal = None
            if plan.state == "refused" and (row := next(refusals, None)):
                title, *refusal = row
                paper = texts.write(paper.topic, paper.town, self.rng, title=title)
            elif plan.is_bill:
                topic = plan.topic or next(bills)
                paper = texts.write(topic, paper.town, self.rng, parts=texts_bills.PARTS[topic.title])
            elif plan.title or plan.topic:
                paper = texts.write(plan.topic or paper.topic, paper.town, self.rng, title=plan.title)
            units = list(joins.units) if joins else self._units(plan, paper)
            story = Story(plan, paper, lead, units, self._cosigners(plan, lead), refusal, joins)
            story.is_plain = plan.state == "rated" or self._is_plain(plan)
            if joins:
                joins.is_plain = False
            story.acts = self._in_full(plan)
            story.moments = self._moments(story.acts)
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
            act = story.acts[index]
            story.latest = max(moment, story.latest or moment)
            if deed := getattr(self.deeds, act.kind, None):
                self._door(story)
                deed(story, story.latest)
            else:
                getattr(self, f"_{act.kind}")(story, story.latest, act.grade)
        if self.archive:
            self.archive.store()

    def _is_plain(self, plan: Plan) -> bool:
        """Say whether an open story is one that the archive knows, and whose notices nobody waits for."""
        special = plan.deputy or plan.is_bill or plan.is_separate or plan.is_via_office
        kinds = {act.kind for act in plan.acts}
        is_new = plan.acts[0].day.year == timezone.localdate(self.now).year
        return plan.state in WITH_UNITS and is_new and not special and kinds <= PLAIN

    def _door(self, story: Story) -> ModuleType | Archive:
        if self.archive and story.is_plain:
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

    def _joining_paper(self, main: Story) -> Paper:
        title = main.paper.topic.title.replace("关于", "关于尽快", 1)
        return texts.write(main.paper.topic, main.paper.town, self.rng, title=title)

    def _lead(self, paper: Paper, joins: Story | None) -> Seat:
        local = self.cast.roster.by_delegation[delegation_name(paper.town.name)]
        # The demo deputies' own proposals are planned one by one.
        demo = [*self.cast.roster.by_username.values(), *([joins.lead] if joins else [])]
        return self.rng.choice([seat for seat in local if seat not in demo])

    def _units(self, plan: Plan, paper: Paper) -> list[str]:
        chosen = [paper.topic.lead, *paper.topic.assist]
        if plan.assisting is None:
            return chosen[: 1 + self.rng.choice((0, 1, 1, 2, 2))]
        others = [alias for alias in self.cast.units if alias not in chosen]
        return (chosen + self.rng.sample(others, plan.assisting))[: 1 + plan.assisting]

    def _cosigners(self, plan: Plan, lead: Seat) -> list[Seat]:
        amount = self.rng.choice((0, 0, 0, 0, 1, 2, 3, 5))
        if any(act.kind == "invite" for act in plan.acts):
            amount = 0
        if plan.is_bill:
            amount += BILL_COSIGNERS
        return self.rng.sample([seat for seat in self.cast.roster.seats if seat is not lead], amount)

    def _in_full(self, plan: Plan) -> list[Act]:
        """Return the plan's acts with what units do around their replies: assisting opinions, contacts before and after."""
        acts, today = list(plan.acts), timezone.localdate(self.now)
        for at in reversed(range(len(acts))):
            if acts[at].kind == "acknowledge":
                stop = next((i for i in range(at, len(acts)) if acts[i].kind == "reply"), len(acts))
                until = acts[stop].day if stop < len(acts) else today
                contact = next((act.day for act in acts[at:stop] if act.kind == "contact"), None)
                if contact and self.rng.random() < EARLY_CONTACTS:
                    self._insert(acts, Act("contact_before", contact), at, stop)
                # Who is late himself has had the others' opinions long since.
                is_late = (today - acts[at].day).days > OPINIONS_WITHIN or (plan.due_by_hand or today) < today
                everybody = "all" if stop == len(acts) and is_late else ""
                if everybody or stop < len(acts) or self.rng.random() < OPINIONS_OPEN:
                    stop = next((i for i in range(at, len(acts)) if acts[i].kind == "reply"), len(acts))
                    self._insert(acts, Act("opinion", until, everybody), at, stop)
            elif acts[at].kind == "reply" and self.rng.random() < LATE_CONTACTS:
                stop = next((i for i in range(at, len(acts)) if acts[i].kind == "rate"), len(acts))
                until = acts[stop].day if stop < len(acts) else today
                self._insert(acts, Act("contact_after", until), at, stop)
        return acts

    def _insert(self, acts: list[Act], act: Act, after: int, stop: int) -> None:
        """Put an act in its place between two others, on a day from that of the first until its own."""
        first = acts[after].day
        span = [first + n * DAY for n in range((act.day - first).days + 1)]
        day = self.rng.choice([day for day in span if self.calendar.is_workday(day)] or span)
        place = after + 1
        while place < stop and acts[place].day < day:
            place += 1
        acts.insert(place, replace(act, day=day))

    def _moments(self, acts: Sequence[Act]) -> list[dt.datetime]:
        """Return when in its day each act is done: one after the other, and none later than now."""
        moments: list[dt.datetime] = []
        for index, act in enumerate(acts):
            hour = self.rng.randint(7, 21) if act.kind in ANY_HOUR else self.rng.choice((9, 10, 11, 14, 15, 16))
            midnight = timezone.make_aware(dt.datetime.combine(act.day, dt.time()))
            moment = midnight + dt.timedelta(hours=hour, minutes=self.rng.randint(0, 59))
            if moments and moment <= moments[-1]:
                moment = moments[-1] + APART + self.rng.randint(1, 9) * MINUTE
            latest = self.now - (len(acts) - index) * APART
            if timezone.localdate(moment) > act.day or moment > latest:
                moment = min(latest, midnight + dt.timedelta(hours=23, minutes=50))
            # Just after midnight there is no earlier minute of the day left.
            moments.append(max(moment, midnight, *moments[-1:]))
        return moments

    # acts

    def _draft(self, story: Story, moment: dt.datetime, _grade: str = "") -> None:
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
            grounds=paper.grounds,
            plan=paper.plan,
            formed_by=self.rng.choice((FormedBy.STUDY, FormedBy.TALKS, FormedBy.OTHER)),
            wants_contact=self.rng.random() < WANTS_CONTACT,
        )
        story.proposal_id = proposal.pk
        if isinstance(door, Archive):
            door.cosign(proposal=proposal, seats=story.cosigners)
        else:
            Cosignature.objects.bulk_create(Cosignature(proposal=proposal, seat=seat) for seat in story.cosigners)

    def _submit(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        if not story.proposal_id:
            self._draft(story, moment - self.rng.randint(8, 90) * MINUTE)
        self._door(story).submit(
            proposal_id=story.proposal_id, seen_version=None, user=story.lead.person.user, now=moment
        )

    def _review(self, story: Story, moment: dt.datetime, outcome: str, **fields: str) -> None:
        self._door(story).review(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self._staff(),
            now=moment,
            outcome_code=outcome,
            **fields,
        )

    def _pass(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        self._review(story, moment, "pass")

    def _return(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        self._review(story, moment, "return", reason=self.rng.choice(texts.RETURN_REASONS))

    def _refuse(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        reason, words = story.refusal or ("empty", "请补充实际内容后另行提出。")
        self._review(story, moment, "not_registered", not_registered_reason=reason, reason=words)

    def _assign(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        lead, *assisting = [self.cast.units[alias][0] for alias in story.units]
        how = {"lead": lead, "assisting": assisting}
        if story.plan.is_via_office:
            how = {"lead": None, "via_office": True, "office_note": self.rng.choice(texts_deeds.OFFICE_NOTES)}
        elif story.plan.is_separate:
            how = {"lead": None, "separate": [lead, assisting[0]], "assisting": assisting[1:]}
        self._door(story).assign(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self._staff(),
            now=moment,
            due_on=story.plan.due_by_hand,
            **how,
        )

    def _acknowledge(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        for number, alias in enumerate(story.units):
            story.latest = max(moment, min(moment + number * MINUTE, self.now))
            self._door(story).acknowledge(
                proposal_id=story.proposal_id,
                seen_version=None,
                user=self.cast.units[alias][2],
                now=story.latest,
            )

    def _opinion(self, story: Story, moment: dt.datetime, whose: str) -> None:
        """Let the assisting units tell the lead one what they think, all of them or most."""
        for number, alias in enumerate(story.assisting):
            if whose != "all" and self.rng.random() < SILENT:
                continue
            story.latest = max(moment, min(moment + number * MINUTE, self.now))
            self._door(story).give_opinion(
                proposal_id=story.proposal_id,
                seen_version=None,
                user=self.cast.units[alias][2],
                now=story.latest,
                body=self.rng.choice(texts_deeds.OPINIONS.get(alias, texts_deeds.OTHER_OPINIONS)),
            )

    def _contact_before(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        self._contact(story, moment, ContactPhase.BEFORE)

    def _contact_after(self, story: Story, moment: dt.datetime, _grade: str) -> None:
        self._contact(story, moment, ContactPhase.AFTER)

    def _contact(self, story: Story, moment: dt.datetime, phase: str) -> None:
        phase = phase or ContactPhase.DURING
        way = self.rng.choice(tuple(texts.CONTACT_SUMMARIES[phase]))
        self._door(story).record_contact(
            proposal_id=story.proposal_id,
            seen_version=None,
            user=self.cast.units[story.units[0]][2],
            now=moment,
            contacted_on=timezone.localdate(moment),
            way=way,
            summary=self.rng.choice(texts.CONTACT_SUMMARIES[phase][way]),
            phase=phase,
        )

    def _reply(self, story: Story, moment: dt.datetime, _grade: str) -> None:
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
            **self._reply_marks(story),
            **self._promise(story, outcome, today),
            body=texts.reply_body(
                story.paper,
                deputy=story.lead.person.name,
                signers=1 + len(story.cosigners),
                unit=unit.name,
                outcome=outcome,
                month=today.month,
                again=story.round > 0,
                rng=self.rng,
            ),
        )
        story.round += 1

    def _reply_marks(self, story: Story) -> dict[str, str]:
        """Return publicity, signature and contact of a reply."""
        unit, _, user = self.cast.units[story.units[0]]
        full, summary, none = ReplyDisclosure.FULL, ReplyDisclosure.SUMMARY, ReplyDisclosure.NONE
        disclosure = self.rng.choices((full, summary, none), (6, 3, 1))[0]
        return {
            "disclosure": disclosure,
            "not_public_reason": self.rng.choice(texts_deeds.NOT_PUBLIC) if disclosure == none else "",
            "signed_by": self._head(story.units[0]),
            "contact_name": f"{unit.contact_name} {user.name}" if user.has_usable_password() else unit.contact_name,
            "contact_phone": unit.contact_phone,
        }

    def _promise(self, story: Story, outcome: str, today: dt.date) -> dict[str, object]:
        """Return what a unit promises by a reply that leaves something to do; one promise an item."""
        if story.has_promised or not self.cast.outcomes[outcome].needs_follow_up:
            return {}
        story.has_promised = True
        return promises.made(story.paper, today=today, head=self._head(story.units[0]), chance=self.promising)

    def _head(self, alias: str) -> str:
        """Return who heads a unit and signs for it."""
        if alias not in self.heads:
            self.heads[alias] = self.rng.choice(names.SURNAMES) + self.rng.choice(names.MALE)
        return self.heads[alias]

    def _rate(self, story: Story, moment: dt.datetime, grade: str) -> None:
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
