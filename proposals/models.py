"""Suggestions and bills: the proposal, its rounds of handling, replies and ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Role
from bodies.models import Congress, Session, Term, Unit
from casework.models import Case, CaseQuerySet, CaseStatus
from deputies.models import Seat

if TYPE_CHECKING:
    from accounts.models import User

KIND = "proposal"


class ProposalKind(models.TextChoices):
    SUGGESTION = "suggestion", "建议"
    BILL = "bill", "议案"


class Period(models.TextChoices):
    IN_SESSION = "in_session", "大会期间"
    IN_RECESS = "in_recess", "闭会期间"


class Disclosure(models.TextChoices):
    FULL = "full", "同意全文公开"
    TITLE = "title", "仅公开标题"
    NONE = "none", "不公开"


class ReviewResult(models.TextChoices):
    REGISTERED = "registered", "立案"
    MERGED = "merged", "并案"
    NOT_REGISTERED = "not_registered", "不予立案"


class NotRegisteredReason(models.TextChoices):
    """What is not a suggestion: the union of what the local regulations list."""

    PERSONAL = "personal", "涉及代表本人或者亲属的个人问题"
    FORWARDED = "forwarded", "代转来信、申诉、控告、检举"
    JUDICIAL = "judicial", "涉及具体司法案件"
    TENDER = "tender", "涉及正在进行的招标投标"
    ACADEMIC = "academic", "属于学术探讨或者产品推介"
    JURISDICTION = "jurisdiction", "不属于本级职权范围"
    EMPTY = "empty", "没有实际内容"
    OTHER = "other", "其他"


class CategoryQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CategoryQuerySet:
        """Return the categories of the congress that the user acts for."""
        return self.filter(congress_id=user.hat.congress_id) if user.hat else self.none()


class Category(models.Model):
    """A field of work by which an office sorts its suggestions; created on first use."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="proposal_categories", verbose_name="人大")
    name = models.CharField("类别", max_length=60)
    sort = models.IntegerField("排序", default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建议类别"
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "name"],
                name="category_once_per_congress",
                violation_error_message="已有同名的建议类别。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="category_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OutcomeCategoryQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> OutcomeCategoryQuerySet:
        """Return what replies may come to in the terms of the congress that the user acts for."""
        return self.filter(term__congress_id=user.hat.congress_id) if user.hat else self.none()


class OutcomeCategory(models.Model):
    """What a reply came to (结果分类), as one term defines it: the letters differ from office to office."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="outcome_categories", verbose_name="届次")
    code = models.CharField("代码", max_length=10)
    name = models.CharField("名称", max_length=60)
    definition = models.CharField("定义", max_length=300, blank=True)
    counts_as_solved = models.BooleanField("计入已解决或正在解决", default=False)
    counts_as_explained = models.BooleanField("计入解释说明", default=False)
    needs_follow_up = models.BooleanField("需要跟踪", default=False)
    sort = models.IntegerField("排序", default=0)

    objects = OutcomeCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理结果分类"
        ordering = ["term", "sort", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "code"],
                name="outcome_category_code_once",
                violation_error_message="本届已有这个代码的办理结果。",
            ),
            models.UniqueConstraint(
                fields=["term", "name"],
                name="outcome_category_name_once",
                violation_error_message="本届已有同名的办理结果。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ProposalQuerySet(CaseQuerySet):
    def visible_to(self, user: User) -> ProposalQuerySet:
        """Return the proposals that the user may see.

        Staff and leaders: all of their congress that were ever submitted. Government office: those assigned. A unit:
        those assigned to it. A deputy: the own ones and those co-signed, and registered ones disclosed in full.
        A township: those led by deputies of its own delegation, and those of its own congress. Others: none.
        """
        hat = user.hat
        if hat is None:
            return self.none()
        here = Q(congress_id=hat.congress_id)
        submitted = Q(submitted_on__isnull=False)
        match hat.role:
            case Role.STAFF | Role.LEADER:
                condition = here & submitted
            case Role.GOV_OFFICE:
                condition = here & Q(pk__in=Assignment.objects.values("round__proposal"))
            case Role.UNIT:
                condition = Q(pk__in=Assignment.objects.filter(unit_id=hat.unit_id).values("round__proposal"))
            case Role.TOWNSHIP:
                condition = (here | Q(lead__delegation__township_id=hat.congress_id)) & submitted
            case Role.DEPUTY:
                own = Q(lead__person__user=user)
                cosigned = Q(pk__in=Cosignature.objects.filter(seat__person__user=user).values("proposal")) & submitted
                public = here & Q(disclosure=Disclosure.FULL, review_result=ReviewResult.REGISTERED)
                condition = own | cosigned | public
            case _:
                return self.none()
        return self.filter(condition)


class Proposal(Case):
    """A suggestion or bill. Title, procedure and current step are the case's."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="proposals", verbose_name="会次")
    receipt_no = models.PositiveIntegerField("收件号", null=True, blank=True)
    number = models.PositiveIntegerField("编号", null=True, blank=True)
    form = models.CharField("类型", max_length=10, choices=ProposalKind, default=ProposalKind.SUGGESTION)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="类别"
    )
    nature = models.CharField("性质", max_length=40, blank=True)
    period = models.CharField("提出时期", max_length=10, choices=Period, default=Period.IN_RECESS)
    disclosure = models.CharField("公开属性", max_length=10, choices=Disclosure, default=Disclosure.TITLE)
    submitted_on = models.DateField("提出日期", null=True, blank=True)
    review_result = models.CharField("审查结论", max_length=20, choices=ReviewResult, blank=True)
    not_registered_reason = models.CharField("不予立案理由", max_length=20, choices=NotRegisteredReason, blank=True)
    lead = models.ForeignKey(Seat, models.PROTECT, related_name="proposals", verbose_name="领衔代表")
    paper_cosigners = models.PositiveIntegerField("附议人数（纸质）", default=0)
    suggested_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建议承办单位"
    )
    body = models.TextField("正文", blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建议议案"
        ordering = ["-submitted_on", F("number").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="proposal_number_once_per_session"),
            models.UniqueConstraint(fields=["session", "receipt_no"], name="proposal_receipt_once_per_session"),
            models.CheckConstraint(condition=Q(form__in=ProposalKind.values), name="proposal_known_form"),
            models.CheckConstraint(
                condition=Q(review_result="not_registered") | Q(not_registered_reason=""),
                name="proposal_reason_only_if_not_registered",
            ),
        ]
        indexes = [
            models.Index(fields=["submitted_on"]),
            models.Index(fields=["lead"]),
        ]

    @property
    def display_no(self) -> str:
        """The number as lists show it; before registration the receipt number."""
        if self.number is not None:
            return f"第{self.number}号"
        return f"收件{self.receipt_no}号" if self.receipt_no is not None else ""

    @property
    def is_open(self) -> bool:
        return self.status == CaseStatus.OPEN


class Cosignature(models.Model):
    """A deputy who signs a proposal of another (附议)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="cosignatures", verbose_name="建议议案")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="cosignatures", verbose_name="附议代表")

    class Meta:
        verbose_name = verbose_name_plural = "附议"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["proposal", "seat"], name="cosignature_once")]

    def __str__(self) -> str:
        return str(self.seat)


class HandlingRound(models.Model):
    """One round of handling; a dissatisfied deputy opens the next one and the earlier ones stay."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="rounds", verbose_name="建议议案")
    number = models.PositiveSmallIntegerField("轮次")
    opened_at = models.DateTimeField("开始时间")
    reason = models.CharField("缘由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理轮次"
        ordering = ["proposal", "number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="round_number_once")]

    def __str__(self) -> str:
        return f"第{self.number}轮"


class AssignmentRole(models.TextChoices):
    LEAD = "lead", "主办"
    ASSIST = "assist", "协办"
    SEPARATE = "separate", "分办"


class Assignment(models.Model):
    """A unit's task in one round: lead, assisting or separate handling."""

    round = models.ForeignKey(HandlingRound, models.CASCADE, related_name="assignments", verbose_name="办理轮次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="承办单位")
    role = models.CharField("承办方式", max_length=10, choices=AssignmentRole)
    assigned_on = models.DateField("交办日期", null=True, blank=True)
    due_on = models.DateField("答复期限", null=True, blank=True)
    acknowledged_at = models.DateTimeField("签收时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "交办"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="assignment_unit_once_per_round"),
            models.UniqueConstraint(fields=["round"], condition=Q(role="lead"), name="assignment_one_lead_per_round"),
            models.CheckConstraint(condition=Q(role__in=AssignmentRole.values), name="assignment_known_role"),
        ]
        indexes = [models.Index(fields=["unit", "role"])]

    def __str__(self) -> str:
        return f"{self.unit}（{self.get_role_display()}）"


class ContactWay(models.TextChoices):
    MEETING = "meeting", "召开座谈会"
    VISIT = "visit", "上门征求意见"
    PHONE = "phone", "电话联系"
    OTHER = "other", "其他"


class Contact(models.Model):
    """A unit's contact with the deputy; a reply needs at least one (代表法 51)."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="contacts", verbose_name="交办")
    contacted_on = models.DateField("联系日期")
    way = models.CharField("联系方式", max_length=10, choices=ContactWay)
    summary = models.TextField("沟通情况")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "联系代表记录"
        ordering = ["contacted_on", "pk"]

    def __str__(self) -> str:
        return f"{self.contacted_on} {self.get_way_display()}"


class Reply(models.Model):
    """A unit's written reply in one round. A later reply is another row."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="replies", verbose_name="交办")
    replied_on = models.DateField("答复日期")
    document_no = models.CharField("答复文号", max_length=60, blank=True)
    outcome = models.ForeignKey(
        OutcomeCategory, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="办理结果"
    )
    body = models.TextField("答复内容", blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    is_imported = models.BooleanField("导入", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "答复"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["assignment"], name="reply_once_per_assignment")]

    def __str__(self) -> str:
        return self.document_no or str(self.replied_on)


class Grade(models.TextChoices):
    SATISFIED = "satisfied", "满意"
    BASICALLY = "basically", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    NONE = "none", "未表态"


class Feedback(models.Model):
    """The lead deputy's judgement of one round on two dimensions (征询意见表)."""

    round = models.ForeignKey(HandlingRound, models.CASCADE, related_name="feedbacks", verbose_name="办理轮次")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="feedbacks", verbose_name="代表")
    attitude = models.CharField("办理态度", max_length=20, choices=Grade)
    result = models.CharField("办理结果", max_length=20, choices=Grade)
    opinion = models.TextField("具体意见", blank=True)
    given_at = models.DateTimeField("评价时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    is_imported = models.BooleanField("导入", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "代表评价"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "seat"], name="feedback_once_per_round_and_seat"),
            models.CheckConstraint(
                condition=~Q(Q(attitude="dissatisfied") | Q(result="dissatisfied"), opinion="", is_imported=False),
                name="feedback_dissatisfied_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_attitude_display()}/{self.get_result_display()}"
