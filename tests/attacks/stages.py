"""The realm with something to do on every step: rows of the county on which each act is possible for somebody."""

import datetime as dt
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import User
from accounts.sessions import SEEN, SINCE
from accounts.tokens import make_token
from bodies.models import Unit
from deputies import correcting
from deputies.models import Correction, Person
from duties.group_services import mark_of
from liaison_stations.models import OpinionItem, Reception, Station
from notices.models import Digest, Notice
from proposals import services
from proposals.models import (
    Arrangement,
    Assignment,
    Attachment,
    Commitment,
    ExtensionRequest,
    HandlingRules,
    ManualScore,
    Proposal,
)
from proposals.queries.scoring import standing as standing_of
from proposals.rules import text_digest
from proposals.services import scoring, signing, withdrawing
from ratings import services as ratings
from ratings.models import RatingRound
from reports.models import ReportRun
from tests import factories as make
from tests.accounts.conftest import PASSWORD, SECRET, enter
from tests.attacks.conftest import Browser, Realm, hand_in, realm, start  # noqa: F401 - a fixture
from tests.factories import at
from tests.proposals.handing import acknowledged, asked_return, given, waiting
from tests.proposals.oversight.acts import demanded, inspected, overseen
from tests.proposals.replying import ready, reply_as
from tests.ratings.rounds import NOW, opened, prepared, typed
from tests.standing import standing
from tests.world import World

LATER = at(2026, 3, 25)


@dataclass
class Stages:
    """``rows`` by the names that the lines of the matrix call them by; ``sessions`` are the cookies of each role.

    ``proved`` are those of sessions in which the password was just typed, and the code of a new app is awaited; of who
    is not logged in, one in which only the code of the unit's app is still to come.
    """

    realm: Realm
    rows: dict[str, Any]
    sessions: dict[str, str] = field(default_factory=dict)
    proved: dict[str, str] = field(default_factory=dict)

    def client(self, who: str, *, proved: bool = False) -> Browser:
        """A browser in which a role is logged in; nobody for 'anonymous'."""
        client, sessions = Browser(), self.proved if proved else self.sessions
        if who in sessions:
            client.cookies["sessionid"] = sessions[who]
        return client


def fresh(row: Proposal) -> Proposal:
    return Proposal.objects.get(pk=row.pk)


def with_commitment(world: World, number: int, title: str, rules: str = "national_2025") -> Proposal:
    """An answered item whose reply promises something."""
    row = ready(world, number, rules=rules, title=title)
    fields = {"matter": "机密承诺事项", "responsible": "王局长", "promised_for": dt.date(2026, 12, 31)}
    reply_as(world.unit_user, row, world, outcome=world.outcomes["B"], document_no=f"云教〔2026〕{number}号", **fields)
    return fresh(row)


def claimed(world: World, row: Proposal) -> Proposal:
    """The promise is said to be kept."""
    services.report_commitment(
        proposal_id=row.pk, seen_version=None, user=world.unit_user, now=LATER, kind="claim",
        commitment_id=Commitment.objects.get(proposal=row).pk, happened_on=LATER.date(), text="机密：已经落实。",
    )  # fmt: skip
    return fresh(row)


def confirmed(world: World, row: Proposal) -> Proposal:
    """The promise was found to be kept."""
    services.verify_commitment(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=LATER, agreed=True, text="",
        commitment_id=Commitment.objects.get(proposal=row).pk,
    )  # fmt: skip
    return fresh(row)


def wanted_back(world: World) -> Proposal:
    """Its lead deputy wants to withdraw it, and who signed it is asked."""
    arrangement = Arrangement.objects.filter(term=world.term)
    before = arrangement.get().rules
    arrangement.update(rules=HandlingRules.objects.get(code="shanghai_2015"))
    row = invited(world, "机密待撤回件")
    signing.answer_invitation(
        proposal_id=row.pk, seen_digest=text_digest(row), user=world.other_deputy, now=at(2026, 3, 2), agrees=True
    )
    services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 2))
    arrangement.update(rules=before)
    withdrawing.withdraw(
        proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 3), reason="机密撤回理由"
    )
    return fresh(row)


def invited(world: World, title: str) -> Proposal:
    """A draft that the other deputy is asked to sign."""
    row = start(world.deputy, title)
    signing.invite(
        proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 2), seats=[world.other_seat.pk]
    )
    return fresh(row)


def asked_for_time(world: World, number: int, title: str, *, asks: bool) -> Proposal:
    """An item of today, whose unit may ask for a later date, or has."""
    now = timezone.now()
    row = waiting(world, number, title=title, submitted_on=now.date())
    act: dict[str, Any] = {"proposal_id": row.pk, "seen_version": None, "now": now}
    services.assign(user=world.staff, lead=world.education, **act)
    services.acknowledge(user=world.unit_user, **act)
    if asks:
        until = now.date() + dt.timedelta(days=120)
        services.ask_extension(
            user=world.unit_user, wanted_until=until, reason="机密延期理由", signed_by="王局长", **act
        )
    return fresh(row)


def of_proposals(world: World, realm: Realm) -> dict[str, Any]:  # noqa: F811
    """A proposal for each act."""
    rows: dict[str, Any] = {"invited": invited(world, "机密联名草稿"), "wanted_back": wanted_back(world)}
    rows["passed"] = waiting(world, 61, title="机密待交办件")
    rows["at_office"] = fresh(given(world, waiting(world, 62, title="机密分办件"), lead=None, via_office=True))
    rows["to_return"] = ready(world, 63, title="机密退办件")
    rows["return_request"] = asked_return(rows["to_return"], world.unit_user, now=at(2026, 3, 6))
    rows["to_extend"] = asked_for_time(world, 64, "机密延期件", asks=False)
    rows["extending"] = asked_for_time(world, 65, "机密申请延期件", asks=True)
    assisted = given(world, waiting(world, 66, title="机密协办件"), assisting=[world.police])
    acknowledged(assisted, world.unit_user, world.police_user)
    rows["assisted"] = fresh(assisted)
    opined = given(world, waiting(world, 67, title="机密有意见件"), assisting=[world.police])
    acknowledged(opined, world.unit_user, world.police_user)
    rows["opinion"] = services.give_opinion(
        proposal_id=opined.pk, seen_version=None, user=world.police_user, now=at(2026, 3, 18), body="机密协办意见"
    ).pk
    rows["opined"] = fresh(opined)
    replied = ready(world, 68, title="机密已答复件")
    reply_as(world.unit_user, replied, world, outcome=world.outcomes["B"], document_no="云教〔2026〕68号")
    rows["replied"] = fresh(replied)
    rows["promised"] = with_commitment(world, 69, "机密承诺件")
    rows["claimed"] = claimed(world, with_commitment(world, 70, "机密待核实件"))
    rows["kept"] = confirmed(world, claimed(world, with_commitment(world, 71, "机密已落实件", "chongqing_2017")))
    for name in ("promised", "claimed", "kept"):
        rows[f"{name}_matter"] = Commitment.objects.get(proposal=rows[name]).pk
    rows["overseen"] = ready(world, 72, title="机密督办件")
    rows["oversight"] = overseen(world, rows["overseen"]).pk
    rows["inspected"] = ready(world, 73, title="机密检查件")
    rows["inspection"] = inspected(world, items=[rows["inspected"].pk]).pk
    rows["demand"] = demanded(world, inspected(world, items=[rows["inspected"].pk]), rows["inspected"]).pk
    rows["bill"] = hand_in(world.deputy, "机密议案")
    Proposal.objects.filter(pk=rows["bill"].pk).update(form="bill")
    rows["part"] = Assignment.objects.get(round__proposal=realm.disclosed).pk
    rows["extension"] = ExtensionRequest.objects.get(assignment__round__proposal=rows["extending"]).pk
    rows["invitation"] = rows["invited"].cosignatures.get().pk
    rows["digest"] = text_digest(rows["invited"])
    for name in ("overseen", "inspected", "to_return"):
        rows[name] = fresh(rows[name])
    return rows


def of_ratings(world: World) -> dict[str, Any]:
    """A round in each state, a code on paper, votes on paper; and what the ballots of them are made of."""
    draft = prepared(world, title="机密待开始测评", names=["机密对象"])
    ratings.add_voters(round_id=draft.pk, user=world.staff, voters=[world.deputy], now=NOW)
    with_codes = opened(world, [world.deputy], title="机密票码测评", names=["机密对象"], codes=1)
    closed = opened(world, [world.deputy], title="机密已结束测评", names=["机密对象"])
    ratings.close_round(round_id=closed.pk, user=world.staff, now=NOW)
    subject, level = with_codes.subjects.get(), with_codes.levels.first()
    entry = typed(world, with_codes, 1, [1, 0, 0])
    return {
        "round_draft": RatingRound.objects.get(pk=draft.pk),
        "round_codes": with_codes,
        "round_closed": closed,
        "round_draft_voter": draft.voters.get().pk,
        "code": with_codes.voters.exclude(code="").get().code,
        "paper": entry,
        "subject": subject.pk,
        "level": level.pk,
    }


def of_scoring(world: World) -> dict[str, Any]:
    """A scheme in preparation, and one in use whose points are all given."""
    made = {"user": world.staff, "now": at(2026, 3, 1)}
    draft = scoring.create_scheme(year=2025, preset="quality50", **made)
    active = scoring.create_scheme(year=2026, preset="procedure30", **made)
    scoring.activate_scheme(scheme_id=active.pk, user=world.staff)
    by_hand = active.items.filter(measure="")
    points = {item.pk: (Decimal(1), "") for item in by_hand}
    for line in standing_of(active, list(active.items.all()), timezone.localdate()):
        unit = Unit.objects.get(pk=line.unit_id)
        scoring.give_points(scheme_id=active.pk, unit=unit, points=points, seen=0, **made)
    return {
        "scheme_draft": draft,
        "scheme": active,
        "by_hand": by_hand.first().pk,
        "seen": ManualScore.objects.filter(unit=world.education).latest("pk").pk,
    }


def of_accounts(realm: Realm) -> dict[str, Any]:  # noqa: F811
    """A token, another session, a file."""
    staff = realm.users["staff"]
    token, _ = make_token(
        user=staff, membership=staff.hat, name="机密系统", days=30, is_read_only=False, now=timezone.now()
    )
    session = UserSession.objects.create(user=staff, session_key="elsewhere", ip="127.0.0.1", user_agent="")
    file = Attachment.objects.create(
        proposal=realm.draft, kind="proposal", name="机密附件.pdf", content_type="application/pdf", size=1, sha256="0",
        file="none.pdf", uploaded_at=at(2026, 3, 2), uploaded_by=realm.world.deputy,
    )  # fmt: skip
    TOTP.activate(realm.users["unit"], SECRET)
    tokens = {
        f"{who}_token": make_token(
            user=realm.users[who], membership=realm.users[who].hat, name="机密系统", days=30, is_read_only=True, now=NOW
        )[0]
        for who in ("deputy", "stranger")
    }
    return tokens | {
        "own hat": staff.hat.pk,
        "entered_seen": mark_of(realm.entered),
        "foreign hat": realm.users["stranger"].hat.pk,
        "other_deputy hat": realm.users["other_deputy"].hat.pk,
        "locked": realm.users["unit"].pk,
        "guarded": realm.users["unit"].pk,
        "report_waiting": ReportRun.objects.create(
            congress=staff.hat.congress, year=2025, asked_by=staff, asked_at=timezone.now()
        ).pk,
        "token": token,
        "session": session,
        "file": file,
        "app": "proposals",
        "kind": ContentType.objects.get_for_model(Proposal).pk,
    }


def of_notices(realm: Realm) -> dict[str, Any]:  # noqa: F811
    """What failed to be sent to staff here and there."""
    found: dict[str, Any] = {}
    failed = {"state": "failed", "created_at": NOW, "next_try_at": NOW, "attempts": 9}
    for sign, user in (("", realm.users["staff"]), ("foreign_", realm.users["stranger"])):
        found[f"{sign}failed_notice"] = Notice.objects.create(
            recipient=user, rule="overdue-2", object_key="x", due_on=NOW.date(), title="机密提醒", **failed
        )
        found[f"{sign}failed_digest"] = Digest.objects.create(
            recipient=user, day=NOW.date(), channel="email", title="机密摘要", lines=[], total=1, **failed
        )
    return found


def of_people(realm: Realm) -> dict[str, Any]:  # noqa: F811
    """What deputies want corrected, and people whose data is due to be erased, here and there; a visitor of long ago."""
    world, found = realm.world, {}
    asked = correcting.ask(user=world.deputy, field="phone", new="13900002222", reason="机密理由", now=at(2026, 3, 2))
    abroad = Correction.objects.create(
        person=realm.registers.foreign[Person], field="phone", new="13911112222", reason="机密理由",
        asked_by=world.stranger, asked_at=at(2026, 3, 2),
    )  # fmt: skip
    for sign, congress in (("", world.congress), ("foreign_", world.foreign_unit.congress)):
        days = {"starts_on": dt.date(2011, 1, 1), "ends_on": dt.date(2015, 12, 31)}
        seat = make.SeatFactory(
            person__name="机密前代表",
            term__congress=congress,
            term__name="第十五届",
            **{f"term__{k}": v for k, v in days.items()},
        )
        found[f"{sign}former"], found[f"{sign}former_term"] = seat.person, seat.term
    station = realm.registers.own[Station]
    day = dt.date(2015, 3, 1)
    visit = Reception.objects.create(station=station, received_on=day, visitor="机密来访人", matter="修路")
    OpinionItem.objects.create(station=station, reception=visit, raised_on=day, matter=visit.matter)
    return found | {"correction": asked, "foreign_correction": abroad}


def log_in(stages: Stages) -> None:
    """Open two sessions for each role; the hour that they are ahead is the time that the tests take."""
    password, soon = make_password(PASSWORD), int(time.time()) + 3600
    for who, known in stages.realm.users.items():
        # The realm's own objects stay as they are: other tests stand on them when these rows are taken away.
        user = User.objects.get(pk=known.pk)
        user.password = password
        user.save()
        for sessions in (stages.sessions, stages.proved):
            client = Browser()
            client.force_login(user)
            session = client.session
            # That somebody was active is otherwise noted, and taken back, at each request.
            session[SINCE] = session[SEEN] = soon
            if sessions is stages.proved:
                session[AUTHENTICATION_METHODS_SESSION_KEY] = [
                    {"method": "password", "at": soon, "reauthenticated": True}
                ]
                session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
                session[SECRET_SESSION_KEY] = SECRET
            session.save()
            sessions[who] = client.cookies["sessionid"].value
    client = Browser()
    enter(client, "unit")
    stages.proved["anonymous"] = client.cookies["sessionid"].value


def build_stages(world: World, realm: Realm) -> Stages:  # noqa: F811
    rows = of_proposals(world, realm) | of_ratings(world) | of_scoring(world) | of_accounts(realm) | of_notices(realm)
    rows |= of_people(realm)
    stages = Stages(realm=realm, rows=rows)
    log_in(stages)
    # A log-in unlocks.
    AccessAttempt.objects.bulk_create(
        [AccessAttempt(username="unit", ip_address="10.0.0.1", failures_since_start=5, attempt_time=timezone.now())]
    )
    return stages


stages = standing("stages", build_stages)
