"""Procedures as data, the cases that run in them, who owes what by when, and the working-day calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.models import Role
from bodies.models import Congress, Unit
from casework import registry
from casework.calendar import LONGEST_YEARS, RULE, longer_than_years

if TYPE_CHECKING:
    from accounts.models import User


class Stage(models.TextChoices):
    """The five stages that every procedure of a proposal passes."""

    SUBMIT = "submit", "提出"
    REVIEW = "review", "审议"
    ASSIGN = "assign", "交办"
    REPLY = "reply", "反馈"
    RATE = "rate", "测评"


def check_rules(**rules: str) -> None:
    """Raise ValidationError, by field, for what is neither empty nor a deadline that the calendar computes."""
    wrong = {
        field: "应为数字加 WD（工作日）、D（日）或 M（月），如 5WD、30D、3M。"
        for field in rules
        if rules[field] and not RULE.match(rules[field])
    }
    wrong |= {field: f"期限最长 {LONGEST_YEARS} 年。" for field in rules if longer_than_years(rules[field])}
    if wrong:
        raise ValidationError(wrong)


def is_rule(field: str) -> Q:
    """Return the condition that a column is empty or a deadline rule as ``casework.calendar`` reads it."""
    return Q(**{field: ""}) | Q(**{f"{field}__regex": r"^[1-9][0-9]{0,3}(WD|D|M)$"})


class ProcedureQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ProcedureQuerySet:
        """Return the procedures that the user may see: shipped ones, his congress', those in force one level up.

        A system administrator without a hat sees all.
        """
        if user.hat is None:
            return self if user.looks_after_all else self.none()
        here = user.hat.congress
        above = Q(congress__isnull=False, congress=here.parent_id, is_active=True)
        return self.filter(Q(congress__isnull=True) | Q(congress=here) | above)


class Procedure(models.Model):
    """An ordered list of steps. A running case keeps the version that it started with.

    A procedure without a congress is shipped; the others belong to the congress whose staff copied them.
    """

    code = models.CharField("代码", max_length=40)
    version = models.PositiveIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=100)
    case_kind = models.CharField("办件种类", max_length=20)
    congress = models.ForeignKey(
        Congress, models.PROTECT, null=True, blank=True, related_name="procedures", verbose_name="所属人大"
    )
    is_active = models.BooleanField("启用", default=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理程序"
        ordering = ["case_kind", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="procedure_version_once"),
            models.UniqueConstraint(fields=["code"], condition=Q(is_active=True), name="procedure_one_active_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"

    @cached_property
    def has_cases(self) -> bool:
        """Whether a case runs in it or has run, as it was when first asked: forms ask time and again."""
        return self.cases.exists()


class Act(models.TextChoices):
    """What ends a step: who hands in, who decides on an outcome, who assigns, answers or rates."""

    SUBMIT = "submit", "提交"
    DECIDE = "decide", "作出结论"
    ASSIGN = "assign", "交办"
    ASSIST = "assist", "提出协办意见"
    REPLY = "reply", "答复"
    RATE = "rate", "评价"


class Step(models.Model):
    """One step of a procedure: who does what, by when.

    ``rule_key`` names a deadline of the rules that the case runs under; where those are silent ``deadline`` holds.
    ``required`` lists the codes of what must be there before the step can be passed; the kind of case knows them.
    """

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="steps", verbose_name="办理程序")
    position = models.PositiveSmallIntegerField("顺序")
    stage = models.CharField("阶段", max_length=10, choices=Stage)
    code = models.CharField("代码", max_length=40)
    label = models.CharField("名称", max_length=40)
    act = models.CharField("办理方式", max_length=10, choices=Act)
    actor_role = models.CharField("办理角色", max_length=20, choices=Role)
    verb = models.CharField("待办动作", max_length=20)
    deadline = models.CharField(
        "期限", max_length=10, blank=True, help_text="如 5WD（工作日）、30D（日）、3M（月）；空为不限期"
    )
    rule_key = models.CharField("期限名目", max_length=30, blank=True, help_text="办理规则中有此名目的，以规则为准")
    acknowledge_within = models.CharField("签收期限", max_length=10, blank=True, help_text="写法同上；空为不要求签收")
    required = ArrayField(models.CharField(max_length=30), verbose_name="通过时必填", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "步骤"
        ordering = ["procedure", "position"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "position"], name="step_position_once"),
            models.UniqueConstraint(fields=["procedure", "code"], name="step_code_once"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="step_known_stage"),
            models.CheckConstraint(condition=Q(act__in=Act.values), name="step_known_act"),
            models.CheckConstraint(condition=is_rule("deadline"), name="step_deadline_form"),
            models.CheckConstraint(condition=is_rule("acknowledge_within"), name="step_acknowledge_within_form"),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        check_rules(deadline=self.deadline, acknowledge_within=self.acknowledge_within)


class Outcome(models.Model):
    """A way in which a step can end: on to another step, or the end of the case."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="outcomes", verbose_name="步骤")
    code = models.CharField("代码", max_length=40)
    label = models.CharField("名称", max_length=40)
    goes_to = models.ForeignKey(Step, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="转入步骤")
    closes_as = models.CharField("办结方式", max_length=40, blank=True)
    deadline = models.CharField("转入步骤的期限", max_length=10, blank=True, help_text="空为该步骤自己的期限")
    rule_key = models.CharField("期限名目", max_length=30, blank=True, help_text="办理规则中有此名目的，以规则为准")

    class Meta:
        verbose_name = verbose_name_plural = "步骤结论"
        ordering = ["step", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "code"],
                name="outcome_code_once",
                violation_error_message="同一步骤的结论不能重复。",
            ),
            models.CheckConstraint(
                condition=Q(goes_to__isnull=False, closes_as="") | Q(Q(goes_to__isnull=True) & ~Q(closes_as="")),
                name="outcome_goes_on_or_closes",
                violation_error_message="「转入步骤」和「办结方式」要填一项，也只能填一项。",
            ),
            models.CheckConstraint(condition=is_rule("deadline"), name="outcome_deadline_form"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.label}"

    def clean(self) -> None:
        check_rules(deadline=self.deadline)


class CaseStatus(models.TextChoices):
    DRAFT = "draft", "草稿"
    OPEN = "open", "办理中"
    CLOSED = "closed", "已办结"


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CaseQuerySet:
        """Return the cases that the user may see; each kind of case says which (see ``registry.CaseKind``)."""
        condition = Q(pk__in=[])
        for kind in registry.kinds():
            condition |= Q(kind=kind.code, pk__in=kind.visible_ids(user))
        return self.filter(condition)


class Case(models.Model):
    """What every matter under a procedure has in common; the apps extend it by inheritance."""

    kind = models.CharField(max_length=20, editable=False)
    congress = models.ForeignKey(Congress, models.PROTECT, related_name="cases", verbose_name="人大")
    title = models.CharField("标题", max_length=200)
    label = models.CharField("编号", max_length=60, blank=True, help_text="如 第12号；编号之前为空")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="cases", verbose_name="办理程序")
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="当前步骤")
    status = models.CharField("状态", max_length=10, choices=CaseStatus, default=CaseStatus.DRAFT)
    closed_as = models.CharField("办结方式", max_length=40, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    is_imported = models.BooleanField("导入", default=False, editable=False)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建立人"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="case_has_title"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False, step__isnull=True)
                | Q(Q(status__in=["draft", "open"], closed_at__isnull=True, step__isnull=False)),
                name="case_closed_or_in_a_step",
            ),
        ]
        indexes = [
            models.Index(fields=["congress", "status"]),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="case_title_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse(registry.kind(self.kind).url_name, args=[self.pk])


class StepRun(models.Model):
    """One stay of a case in one step. A case has at most one open stay."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="step_runs")
    step = models.ForeignKey(Step, models.PROTECT, related_name="runs")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "步骤经过"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(left_at__isnull=True), name="one_open_step_per_case"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("entered_at")), name="step_left_after_entered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step_id}"


class EventQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> EventQuerySet:
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))


class Event(models.Model):
    """One line of a case's history. Never changed and never deleted: the database refuses both."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", verbose_name="办件")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    actor_label = models.CharField("身份", max_length=250)
    step_label = models.CharField("步骤", max_length=40, blank=True)
    verb = models.CharField("动作", max_length=40)
    sentence = models.TextField("记载")
    data = models.JSONField("数据", default=dict, blank=True)
    is_imported = models.BooleanField("导入", default=False)
    version = models.PositiveIntegerField(
        "版本", null=True, blank=True, help_text="本件因这一行而有的版本；空为不影响正在填写的页面"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理记载"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["case", "-at"])]

    def __str__(self) -> str:
        return self.sentence


class ObligationState(models.TextChoices):
    OPEN = "open", "未办"
    DONE = "done", "已办"
    CANCELLED = "cancelled", "已取消"


class ObligationQuerySet(models.QuerySet):
    def owed_by(self, user: User) -> ObligationQuerySet:
        """Return what the user owes: personally, for the unit of the hat, or in its role for its congress."""
        hat = user.hat
        owner = Q(owner_user=user)
        if hat is not None and hat.role == Role.UNIT:
            owner |= Q(owner_unit_id=hat.unit_id)
        elif hat is not None and hat.role != Role.DEPUTY:
            # A deputy without an account owes in person: no other deputy takes it over.
            shared = Q(owner_user__isnull=True, owner_unit__isnull=True)
            owner |= shared & Q(owner_role=hat.role, owner_congress_id=hat.congress_id)
        return self.filter(owner)

    def open(self) -> ObligationQuerySet:
        return self.filter(state=ObligationState.OPEN)

    def visible_to(self, user: User) -> ObligationQuerySet:
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))


class Obligation(models.Model):
    """Who owes what by when: every to-do list, light, reminder and overdue list reads this one table."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="obligations", verbose_name="办件")
    act = models.CharField("动作代码", max_length=40)
    verb = models.CharField("动作", max_length=20)
    owner_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任人"
    )
    owner_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    owner_role = models.CharField("责任角色", max_length=20, choices=Role)
    owner_congress = models.ForeignKey(Congress, models.PROTECT, related_name="+", verbose_name="责任角色所在人大")
    about = models.CharField("所指", max_length=40, blank=True, help_text="同一动作有几项时加以区分，如退办申请的编号")
    owner_label = models.CharField("责任方", max_length=120)
    from_label = models.CharField("来自", max_length=120, blank=True)
    opened_at = models.DateTimeField("产生时间")
    start_on = models.DateField("起算日")
    rule = models.CharField("期限规则", max_length=10, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    due_basis = models.CharField("期限说明", max_length=300, blank=True)
    rolls = models.BooleanField("遇休息日顺延", default=True)
    rule_source = models.CharField("期限依据", max_length=100, blank=True)
    is_provisional = models.BooleanField("暂定", default=False)
    is_silent = models.BooleanField("不提醒", default=False, help_text="导入的历史事项不为已过的期限发提醒")
    state = models.CharField("状态", max_length=10, choices=ObligationState, default=ObligationState.OPEN)
    closed_at = models.DateTimeField("办理时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待办事项"
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "act", "about", "owner_role", "owner_congress", "owner_unit", "owner_user"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="obligation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(~Q(state="open"), closed_at__isnull=False),
                name="obligation_closed_iff_time",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("start_on")), name="obligation_due_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="open"), name="obligation_open_due"),
            models.Index(fields=["owner_unit"], condition=Q(state="open"), name="obligation_open_unit"),
            models.Index(fields=["owner_user"], condition=Q(state="open"), name="obligation_open_user"),
            models.Index(
                fields=["owner_congress", "owner_role"],
                condition=Q(state="open", owner_unit__isnull=True, owner_user__isnull=True),
                name="obligation_open_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_label} {self.verb} {self.due_on or ''}"


class DayKind(models.TextChoices):
    REST = "rest", "放假"
    WORK = "work", "调休上班"


class CalendarYear(models.Model):
    """A year whose holidays the State Council has published; dates in other years are provisional."""

    year = models.PositiveSmallIntegerField("年份", unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "已公布年份"
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"{self.year}年"


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a weekend day worked in exchange."""

    day = models.DateField("日期", unique=True)
    kind = models.CharField("性质", max_length=4, choices=DayKind)
    name = models.CharField("名称", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering = ["-day"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="calendar_day_known_kind")]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"
