"""Items that wait to be assigned, under rules and a procedure of the test's choice; what units then do."""

import datetime as dt

from accounts.models import User
from bodies.models import Unit
from casework.models import CaseStatus, Obligation, Procedure, StepRun
from proposals import services
from proposals.models import KIND, Assignment, HandlingRules, Proposal, ReviewResult
from tests import factories as make
from tests.factories import at
from tests.world import World

ASSIGNED = at(2026, 3, 4)
SOON = at(2026, 3, 6)
IN_TIME = at(2026, 5, 20)


def waiting(
    world: World, number: int = 1, *, rules: str = "chongqing_2017", procedure: str = "standard5", **fields: object
) -> Proposal:
    """A registered suggestion that waits to be assigned."""
    runs = Procedure.objects.get(code=procedure, is_active=True)
    step = runs.steps.get(code="assign")
    row = Proposal.objects.create(
        **{
            "kind": KIND,
            "congress": world.congress,
            "title": f"关于第{number}件事的建议",
            "label": f"第{number}号",
            "procedure": runs,
            "rules": HandlingRules.objects.get(code=rules),
            "step": step,
            "status": CaseStatus.OPEN,
            "created_at": at(2026, 2, 20),
            "session": world.session,
            "lead": world.seat,
            "number": number,
            "submitted_on": dt.date(2026, 2, 20),
            "review_result": ReviewResult.REGISTERED,
            "body": "校车超载，建议加密班次。",
        }
        | fields
    )
    StepRun.objects.create(case_id=row.pk, step=step, entered_at=at(2026, 3, 2))
    return row


def joined(world: World, main: Proposal, number: int = 2) -> Proposal:
    """An item merged into another one, waiting with it."""
    return waiting(
        world, number, rules=main.rules.code, merged_into=main, review_result=ReviewResult.MERGED, lead=world.other_seat
    )


def given(world: World, row: Proposal, **how: object) -> Proposal:
    """The item after the committee assigned it; to the education office where nothing else is said."""
    return services.assign(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=ASSIGNED, **({"lead": world.education} | how)
    )


def acknowledged(row: Proposal, *users: User, now: dt.datetime = ASSIGNED) -> None:
    """Let units acknowledge."""
    for user in users:
        services.acknowledge(proposal_id=row.pk, seen_version=None, user=user, now=now)


def answered(world: World, row: Proposal, user: User, now: dt.datetime) -> None:
    """Let a unit contact the deputy and reply."""
    act = {"proposal_id": row.pk, "seen_version": None, "user": user, "now": now}
    services.record_contact(**act, contacted_on=now.date(), way="visit", summary="上门听取意见。")
    services.reply(
        **act,
        replied_on=now.date(),
        document_no=f"云复〔2026〕{row.pk % 1000 + user.pk}号",
        outcome=world.outcomes["A"],
        body="现答复如下。",
    )


def asked_return(row: Proposal, user: User, *, now: dt.datetime = SOON, **how: object) -> int:
    """Let a unit ask to be relieved; the key of its request."""
    asked = {"reason": "不属于本局职责。", "signed_by": "王局长"} | how
    return services.ask_return(proposal_id=row.pk, seen_version=None, user=user, now=now, **asked).pk


def asked_extension(row: Proposal, user: User, until: dt.date, *, now: dt.datetime = IN_TIME) -> int:
    """Let a unit ask for a later date; the key of its request."""
    return services.ask_extension(
        proposal_id=row.pk,
        seen_version=None,
        user=user,
        now=now,
        wanted_until=until,
        reason="需要列入年度计划。",
        signed_by="王局长",
    ).pk


def transport_user(world: World) -> User:
    """Somebody of the transport office."""
    return make.UserFactory(
        username="transport", name="钱程", role="unit", role__congress=world.congress, role__unit=world.transport
    )


def parts(row: Proposal) -> list[tuple[Unit, str, str, str]]:
    """Unit, role, how it ended, due date, in the order in which they were given."""
    rows = Assignment.objects.filter(round__proposal=row).select_related("unit").order_by("pk")
    return [(part.unit.name, part.role, part.ended_as, str(part.due_on)) for part in rows]


def owed(row: Proposal, act: str = "") -> list[tuple[str, str, str]]:
    """Who owes what by when, sorted."""
    rows = Obligation.objects.open().filter(case=row.pk)
    rows = rows.filter(act=act) if act else rows
    return sorted((o.owner_label, o.act, str(o.due_on)) for o in rows)


def told(user: User) -> list[str]:
    """The titles of what a user was told, oldest first."""
    from notices.models import Notice

    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("title", flat=True))


def said(row: Proposal) -> str:
    """The last line of the history."""
    return row.events.order_by("-pk").first().sentence
