"""A county's archive of proposals of any size: titles, texts, units, rounds, replies and dates as offices have them."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import connection
from django.db.models.sql import InsertQuery
from django.utils import timezone

from accounts.models import Membership, Role, User
from bodies.models import Congress, Level, Session, Term, Unit
from casework.models import Case, CaseStatus, Event, Obligation, ObligationState, Procedure
from deputies.models import Delegation, Person, Seat
from proposals.models import (
    KIND,
    Assignment,
    AssignmentRole,
    Category,
    Disclosure,
    Feedback,
    Grade,
    HandlingRound,
    Proposal,
    Reply,
    ReviewResult,
)
from proposals.services import install_procedures, prepare_term

BATCH = 5_000
PER_SESSION = 1_000
FAMILY, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平"
VERBS = ("进一步加强", "加快推进", "切实改善", "完善", "规范", "要求解决", "加大力度扶持", "尽快实施", "重视", "优化")
NAMES = "东湖 西岭 南塘 北桥 青山 石门 白沙 大河 长坪 新丰 柳溪 梅园 龙泉 金滩 云台 红旗"
PLACES = [name + kind for name in NAMES.split() for kind in ("镇", "街道", "村", "小区", "工业园")]
WISHES = (
    "校车安全管理 农村饮用水管网 停车场建设 公交线路延伸 养犬管理 老旧小区改造 垃圾分类 养老服务设施 学前教育 村卫生室用药 河道清淤"
    " 秸秆综合利用 农产品销售 民宿发展 古树名木保护 非机动车道 路灯安装 电动自行车充电 外来务工子女入学 基层法律援助 噪声扰民"
    " 排水管网 消防通道 文化礼堂 体育场地 乡村道路养护 高标准农田 水库移民 企业融资 职业培训 残疾人就业 托育机构 食品摊点 旅游厕所"
    " 网格员待遇 数字乡村 污水处理 山林防火 屠宰场搬迁 物业收费"
)
MATTERS = WISHES.split()
REASON = (
    "群众反映多年，涉及面广。经走访座谈，现状与需要差距较大，建议有关部门摸清底数、列入计划、落实经费，并公布进度。"
)


@dataclass
class Archive:
    """The county and its people; ``size`` proposals are in it."""

    congress: Congress
    term: Term
    procedure: Procedure
    staff: User
    unit_user: User
    deputy: User
    units: list[Unit]
    categories: list[Category]
    seats: list[Seat]
    sessions: list[Session] = field(default_factory=list)
    size: int = 0

    def grow(self, size: int) -> None:
        """Add proposals until there are ``size``, and let the planner know."""
        with connection.cursor() as cursor:
            # Loading is not what is measured: fewer waits for the disk, and word indexes merged at the end.
            cursor.execute("SET synchronous_commit = off; SET gin_pending_list_limit = '256MB'")
        while self.size < size:
            upto = min(size, self.size + BATCH)
            self._add(range(self.size, upto))
            self.size = upto
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _add(self, places: range) -> None:
        for number in range(len(self.sessions), places[-1] // PER_SESSION + 1):
            self.sessions.append(Session.objects.create(term=self.term, name=f"第{number + 1}次会议"))
        now = timezone.now()
        steps = {step.code: step for step in self.procedure.steps.all()}
        made = [self._proposal(place, steps, now) for place in places]
        names = [column.attname for column in Case._meta.concrete_fields if not column.primary_key]  # noqa: SLF001 - documented
        cases = Case.objects.bulk_create(Case(**{name: getattr(row, name) for name in names}) for row in made)
        for row, case in zip(made, cases, strict=True):
            row.pk = row.id = case.pk
        query = InsertQuery(Proposal)
        query.insert_values(Proposal._meta.local_concrete_fields, made)  # noqa: SLF001 - documented
        query.get_compiler(connection=connection).execute_sql()
        given = [row for row in made if row.step is None or row.step.code != "review"]
        rounds = HandlingRound.objects.bulk_create(
            HandlingRound(proposal=row, number=1, opened_at=now) for row in given
        )
        leading = Assignment.objects.bulk_create(
            Assignment(round=one, unit=self._unit(one.proposal_id), role=AssignmentRole.LEAD) for one in rounds
        )
        Assignment.objects.bulk_create(
            Assignment(round=one, unit=self._unit(one.proposal_id + 1), role=AssignmentRole.ASSIST)
            for one in rounds
            if one.proposal_id % 3 == 0
        )
        closed = [one for one in leading if one.round.proposal.status == CaseStatus.CLOSED]
        outcome = self.term.outcome_categories.first()
        Reply.objects.bulk_create(
            Reply(
                assignment=one,
                unit=one.unit,
                replied_on=now.date(),
                outcome=outcome,
                recorded_at=now,
                is_imported=True,
            )
            for one in closed
        )
        Feedback.objects.bulk_create(
            Feedback(
                round=one.round,
                seat=one.round.proposal.lead,
                attitude=Grade.SATISFIED,
                result=Grade.SATISFIED,
                given_at=now,
            )
            for one in closed
        )
        Event.objects.bulk_create(
            Event(case_id=row.pk, at=now, actor=actor, actor_label="代表工委", verb=verb, sentence="办理。")
            for row in made
            for verb, actor in (("submit", None), ("review", self.staff))
        )
        Obligation.objects.bulk_create(self._owed(row, now) for row in made if row.status == CaseStatus.OPEN)

    def _proposal(self, place: int, steps: dict, now: dt.datetime) -> Proposal:
        # Every fifth is open: of those half in review, half with the units.
        is_open = place % 5 == 0
        step = steps["review" if place % 10 else "reply"] if is_open else None
        number = place % PER_SESSION + 1
        matter = MATTERS[place * 7 % len(MATTERS)]
        where = PLACES[place * 11 // 3 % len(PLACES)]
        verb = VERBS[place * 13 // 7 % len(VERBS)]
        return Proposal(
            kind=KIND,
            congress=self.congress,
            title=f"关于{verb}{where}{matter}的建议",
            label=f"第{number}号",
            procedure=self.procedure,
            step=step,
            status=CaseStatus.OPEN if is_open else CaseStatus.CLOSED,
            closed_as="" if is_open else "rated",
            closed_at=None if is_open else now,
            created_at=now,
            session=self.sessions[place // PER_SESSION],
            number=number,
            receipt_no=number,
            category=self.categories[place % len(self.categories)],
            disclosure=Disclosure.FULL if place % 2 else Disclosure.TITLE,
            submitted_on=dt.date(2026, 11, 1) - dt.timedelta(days=place * 37 % 7000),
            review_result=ReviewResult.REGISTERED,
            lead=self.seats[place % len(self.seats)],
            body=f"{where}{matter}问题，{REASON}第{place}件。",
        )

    def _unit(self, number: int) -> Unit:
        return self.units[number % len(self.units)]

    def _owed(self, row: Proposal, now: dt.datetime) -> Obligation:
        with_unit = row.step.code == "reply"
        return Obligation(
            case_id=row.pk,
            act=row.step.code,
            verb=row.step.verb,
            owner_unit=self._unit(row.pk) if with_unit else None,
            owner_role=Role.UNIT if with_unit else Role.STAFF,
            owner_congress=self.congress,
            owner_label=self._unit(row.pk).name if with_unit else "代表工委",
            opened_at=now,
            start_on=dt.date(2026, 10, 1),
            due_on=dt.date(2026, 10, 20) + dt.timedelta(days=row.pk % 90),
            state=ObligationState.OPEN,
        )


def new_county() -> Archive:
    """Create a county with units, deputies and users, and no proposals yet."""
    congress = Congress.objects.create(code="990100", name="云溪县", level=Level.COUNTY)
    term = Term.objects.create(
        congress=congress, name="第十八届", starts_on=dt.date(2006, 1, 1), ends_on=dt.date(2027, 12, 31)
    )
    install_procedures()
    prepare_term(term=term)
    units = Unit.objects.bulk_create(Unit(congress=congress, name=f"县第{n}局", sort=n) for n in range(60))
    categories = Category.objects.bulk_create(Category(congress=congress, name=f"第{n}类") for n in range(12))
    delegations = Delegation.objects.bulk_create(Delegation(term=term, name=f"第{n}代表团") for n in range(20))
    people = Person.objects.bulk_create(
        Person(name=FAMILY[n % 20] + GIVEN[n // 20], gender="女", initials="dbr") for n in range(300)
    )
    seats = Seat.objects.bulk_create(
        Seat(person=person, term=term, delegation=delegations[n % 20], started_on=term.starts_on)
        for n, person in enumerate(people)
    )
    staff, unit_user, deputy = (
        User.objects.create(username=name, name=name) for name in ("staff", "unit_user", "deputy")
    )
    Membership.objects.create(user=staff, role=Role.STAFF, congress=congress)
    Membership.objects.create(user=unit_user, role=Role.UNIT, congress=congress, unit=units[0])
    Membership.objects.create(user=deputy, role=Role.DEPUTY, congress=congress)
    Person.objects.filter(pk=people[0].pk).update(user=deputy)
    procedure = Procedure.objects.get(code="standard5", is_active=True)
    return Archive(congress, term, procedure, staff, unit_user, deputy, units, categories, seats)
