"""What an office arranges for a term: categories, outcomes of replies, the rules of handling and the procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from bodies.models import Congress, Term
from casework.models import Procedure, check_rules, is_rule

if TYPE_CHECKING:
    from accounts.models import User


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


class Approver(models.TextChoices):
    """Who grants an extension."""

    COMMISSION = "commission", "代表工作机构"
    ASSIGNER = "assigner", "交办机关"


class CosignerReply(models.TextChoices):
    """Whom the units answer when several deputies signed."""

    EACH = "each", "逐人答复"
    LEAD = "lead", "以答复领衔代表为主"


class Raters(models.TextChoices):
    """Who judges the handling of what several deputies signed."""

    LEAD = "lead", "领衔代表汇总联名代表意见后评价"
    EACH = "each", "联名代表分别评价"


class Afterwards(models.TextChoices):
    """What follows when the deputy is dissatisfied again after a new round."""

    REDO = "redo", "继续重新办理"
    STUDY = "study", "由代表工作机构组织评估研究"


def _period(label: str, help_text: str = "") -> models.CharField:
    return models.CharField(label, max_length=10, blank=True, help_text=help_text)


DEADLINES = (
    "accept_notice",
    "assign_recess",
    "assign_session",
    "distribute",
    "return_request",
    "reassign",
    "contact_deputy",
    "assist_opinion",
    "assist_redo",
    "reply",
    "reply_complex",
    "extend_max",
    "extend_by_max",
    "informal_opinion_reply",
    "feedback",
    "unrated_close",
    "rehandle",
    "commitment",
    "commitment_feedback",
)


class HandlingRulesQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> HandlingRulesQuerySet:
        """Return the rules that the user may see: the shipped ones, his congress' and those of the one above it."""
        if user.hat is None:
            return self if user.looks_after_all else self.none()
        here = user.hat.congress
        above = Q(congress__isnull=False, congress=here.parent_id)
        return self.filter(Q(congress__isnull=True) | Q(congress=here) | above)


class HandlingRules(models.Model):
    """The deadlines and manners of handling as one regulation sets them (办理规则).

    A deadline is an amount with its unit (``5WD`` working days, ``30D`` calendar days, ``3M`` months); empty where
    the regulation is silent. A running proposal keeps the rules that it started with: what is in use is not changed
    but copied. Rules without a congress are shipped; the others belong to the congress whose staff copied them.
    """

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    basis = models.CharField("依据", max_length=100, blank=True)
    congress = models.ForeignKey(
        Congress, models.PROTECT, null=True, blank=True, related_name="handling_rules", verbose_name="所属人大"
    )
    accept_notice = _period("受理告知代表", "自提出之日起")
    assign_recess = _period("闭会期间交办", "自审查通过之日起")
    assign_session = _period("大会期间的建议交办", "自大会闭会之日起")
    distribute = _period("政府办分办", "自交办之日起；空为与交办步骤相同")
    return_request = _period("申请退办", "自交办之日起")
    reassign = _period("重新交办", "自同意退办之日起")
    contact_deputy = _period("联系代表", "自交办之日起")
    assist_opinion = _period("协办意见", "自交办之日起，且应当早于主办单位答复期限")
    assist_redo = _period("协办意见退回重提", "自退回之日起")
    reply = _period("答复", "自交办之日起")
    reply_complex = _period("涉及面广、处理难度大的答复", "自交办之日起")
    extend_max = _period("延期后最长", "自交办之日起")
    extend_by_max = _period("最多延长", "自原答复期限起")
    extend_approver = models.CharField("延期批准", max_length=10, choices=Approver, default=Approver.ASSIGNER)
    informal_opinion_reply = _period("口头意见答复")
    feedback = _period("代表反馈", "自答复之日起")
    unrated_close = _period("未评价自动办结", "自代表反馈期限届满起；空为不自动办结，由代表工委决定")
    rehandle = _period("不满意重新办理", "自反馈之日起")
    commitment = _period("登记承诺事项", "自答复之日起；办理结果需要跟踪而答复时没有登记的")
    commitment_feedback = _period("评价承诺落实", "自核实落实之日起；空为不要求代表评价")
    raters = models.CharField("联名建议的评价", max_length=10, choices=Raters, default=Raters.LEAD)
    second_time = models.CharField("再次不满意", max_length=10, choices=Afterwards, default=Afterwards.REDO)
    cosigner_reply = models.CharField(
        "联名建议的答复", max_length=10, choices=CosignerReply, default=CosignerReply.EACH
    )
    withdrawal_needs_consent = models.BooleanField("撤回须联名代表一致同意", default=False)
    rolls = models.BooleanField("期限最后一日遇休息日顺延", default=True)
    commitment_report = models.CharField("承诺事项报告", max_length=60, blank=True)
    annual_report = models.CharField("年度报告", max_length=60, blank=True)

    objects = HandlingRulesQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理规则"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=is_rule(field), name=f"rules_{field}_form") for field in DEADLINES
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_rules(**{field: getattr(self, field) for field in DEADLINES})


class ArrangementQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ArrangementQuerySet:
        """Return the arrangements of the congress that the user acts for."""
        return self.filter(term__congress_id=user.hat.congress_id) if user.hat else self.none()


class Arrangement(models.Model):
    """By which procedure and rules the new proposals of a term are handled (办理安排)."""

    term = models.OneToOneField(Term, models.PROTECT, related_name="arrangement", verbose_name="届次")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name="办理程序")
    rules = models.ForeignKey(HandlingRules, models.PROTECT, related_name="arrangements", verbose_name="办理规则")

    objects = ArrangementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理安排"
        ordering = ["term"]

    def __str__(self) -> str:
        return f"{self.term}：{self.procedure}，{self.rules}"
