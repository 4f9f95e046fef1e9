"""A county and its neighbour with something to steal in every stage, and everybody who might try."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.models import Membership, Role, User
from bodies.models import Committee
from casework.models import Obligation
from deputies.models import DeputyGroup, GroupMember, Seat
from duties.group_services import Deed, enter_for, register_activity
from duties.models import DutyRecord, GroupActivity
from notices.models import Message
from notices.services import deliver_pending
from proposals import services
from proposals.models import Oversight, Proposal
from ratings.models import RatingRound
from reports.models import ReportFile, ReportRun
from tests import factories as make
from tests.admin.conftest import Registers, registers  # noqa: F401 - fixtures
from tests.factories import at
from tests.ratings.rounds import opened
from tests.standing import standing
from tests.world import World, world  # noqa: F401


class Browser(Client):
    """A client that shows the page of an error instead of raising it, and takes downloads to their end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(raise_request_exception=False, **options)

    def request(self, **environ: Any) -> Any:
        response = super().request(**environ)
        if response.streaming:
            response.downloaded = b"".join(response.streaming_content)
        return response


@dataclass
class Realm:
    """Cases of the world's county by stage, all led by ``deputy``, and one draft and one submitted case next door.

    Every text that only some may read holds the word 机密 with a sign of its own.
    """

    world: World
    registers: Registers
    users: dict[str, User]
    draft: Proposal
    under_review: Proposal
    returned: Proposal
    hidden: Proposal
    disclosed: Proposal
    foreign_draft: Proposal
    foreign: Proposal
    message: Message
    foreign_message: Message
    obligation: Obligation
    foreign_obligation: Obligation
    report: ReportRun
    foreign_report: ReportRun
    rating: RatingRound
    group: DeputyGroup
    foreign_group: DeputyGroup
    activity: GroupActivity
    entered: DutyRecord
    elder: Seat

    def client(self, who: str) -> Browser:
        """A browser in which somebody is logged in; nobody for 'anonymous'."""
        client = Browser()
        if who != "anonymous":
            client.force_login(self.users[who])
        return client


def start(deputy: User, title: str, **fields: object) -> Proposal:
    fields = {"body": f"{title}的正文。", "disclosure": "full"} | fields
    return services.create_draft(user=deputy, request_key=uuid.uuid4(), now=at(2026, 3, 2), title=title, **fields)


def hand_in(deputy: User, title: str, **fields: object) -> Proposal:
    row = start(deputy, title, **fields)
    return services.submit(proposal_id=row.pk, seen_version=None, user=deputy, now=at(2026, 3, 2))


def decide(world: World, row: Proposal, code: str, reason: str = "") -> Proposal:  # noqa: F811
    return services.review(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 3, 3), outcome_code=code, reason=reason
    )


def hand_out(world: World, row: Proposal) -> Proposal:  # noqa: F811
    decide(world, row, "pass")
    return services.assign(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 3, 4), lead=world.education
    )


def made_report(asker: User) -> ReportRun:
    """An annual workbook that was made for the county of whoever asked."""
    run = ReportRun.objects.create(
        congress=asker.hat.congress, year=2026, asked_by=asker, asked_at=at(2026, 4, 1), state="done",
        finished_at=at(2026, 4, 1),
    )  # fmt: skip
    ReportFile.objects.create(run=run, content=b"PK", rows=1)
    return run


def member_of(committee: Committee, *, overseeing: Proposal, world: World) -> User:  # noqa: F811
    """A member of a committee that oversees a proposal."""
    Oversight.objects.create(
        proposal=overseeing, kind="field", body=committee.name, committee=committee, meeting="第一次主任会议",
        decided_on=at(2026, 3, 6).date(), set_at=at(2026, 3, 6), set_by=world.staff,
    )  # fmt: skip
    user = make.UserFactory(username="committee", name="委员")
    Membership.objects.create(user=user, role=Role.COMMITTEE, congress=committee.congress, committee=committee)
    return user


def met(group: DeputyGroup, seat: Seat, topic: str) -> GroupActivity:
    """What a group did, as the deputy whom this makes its leader registers it."""
    GroupMember.objects.create(group=group, seat=seat, office="leader")
    return register_activity(
        group_id=group.pk,
        deed=Deed(at(2026, 3, 5).date(), "小组活动", topic),
        states={seat.pk: "present"},
        user=seat.person.user,
        now=at(2026, 3, 6),
    ).activity


def entered_for_a_member(group: DeputyGroup, leader: User) -> DutyRecord:
    """A duty that the leader of a group entered for a member without an account."""
    elder = make.SeatFactory(term=group.term, person__name="机密老代表")
    GroupMember.objects.create(group=group, seat=elder)
    deed = Deed(at(2026, 3, 5).date(), "扶弱济困", "机密代录")
    return enter_for(group_id=group.pk, seat_id=elder.pk, deed=deed, user=leader, now=at(2026, 3, 6))


def build_realm(world: World, registers: Registers) -> Realm:  # noqa: F811
    """Create both counties."""
    deputy = world.deputy
    returned = decide(world, hand_in(deputy, "机密退回件"), "return", reason="机密退回理由")
    services.update_draft(
        proposal_id=returned.pk,
        seen_version=None,
        user=deputy,
        now=at(2026, 3, 5),
        body="机密修改稿",
        title=returned.title,
    )
    hidden = hand_out(world, hand_in(deputy, "机密不公开件", disclosure="none"))
    disclosed = hand_out(world, hand_in(deputy, "公开件"))
    unit, now = world.unit_user, at(2026, 3, 6)
    services.acknowledge(proposal_id=disclosed.pk, seen_version=None, user=unit, now=now)
    services.record_contact(
        proposal_id=disclosed.pk,
        seen_version=None,
        user=unit,
        now=now,
        contacted_on=now.date(),
        way="phone",
        summary="机密沟通:代表家住某某路三号",
    )
    foreign = registers.foreign[Proposal]
    foreign_draft = start(registers.foreign_deputy, "石桥机密草稿")
    deliver_pending(now=at(2027, 1, 1))
    users = dict(registers.users) | {
        "police": world.police_user,
        "other_deputy": world.other_deputy,
        "stranger": world.stranger,
        "foreign_deputy": registers.foreign_deputy,
        "foreign_unit": make.UserFactory(
            username="funit", name="外县单位", role=Role.UNIT, role__congress=world.foreign_congress,
            role__unit=world.foreign_unit,
        ),
        "hatless": make.UserFactory(username="hatless", name="无身份"),
        "committee": member_of(registers.own[Committee], overseeing=disclosed, world=world),
    }  # fmt: skip
    group = make.DeputyGroupFactory(term=world.term, name="机密小组")
    foreign_group = make.DeputyGroupFactory(term=registers.foreign[Seat].term, name="石桥机密小组")
    met(foreign_group, registers.foreign[Seat], "石桥机密活动")
    activity, entered = met(group, world.seat, "机密小组活动"), entered_for_a_member(group, deputy)
    return Realm(
        world=world,
        registers=registers,
        users=users,
        draft=start(deputy, "机密草稿"),
        under_review=hand_in(deputy, "机密待审件"),
        returned=Proposal.objects.get(pk=returned.pk),
        hidden=Proposal.objects.get(pk=hidden.pk),
        disclosed=Proposal.objects.get(pk=disclosed.pk),
        foreign_draft=foreign_draft,
        foreign=foreign,
        message=Message.objects.filter(recipient=world.staff).earliest("pk"),
        foreign_message=Message.objects.filter(recipient=world.stranger).earliest("pk"),
        obligation=hidden.obligations.open().get(act="reply"),
        foreign_obligation=foreign.obligations.open().get(),
        report=made_report(world.staff),
        foreign_report=made_report(world.stranger),
        rating=opened(world, [deputy], title="机密评议", names=["机密对象"], allows_remarks=True),
        group=group,
        foreign_group=foreign_group,
        activity=activity,
        entered=entered,
        elder=entered.seat,
    )


realm = standing("realm", build_realm)
