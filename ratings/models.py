"""Rating rounds (测评): subjects, voters, a scale, and what was voted.

A named round keeps ballots. A secret round keeps no ballots at all: who has voted is a mark on the voter, what was voted
is a sum in the round's box, and nothing leads from one to the other (docs/decisions/0011-ratings.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Role
from bodies.models import Congress

if TYPE_CHECKING:
    from accounts.models import User


class RoundState(models.TextChoices):
    DRAFT = "draft", "准备中"
    OPEN = "open", "正在测评"
    CLOSED = "closed", "已结束"
    PUBLISHED = "published", "结果已公布"


class Audience(models.TextChoices):
    """Who reads a published result."""

    STAFF = "staff", "只限代表工委和常委会领导"
    VOTERS = "voters", "参加测评的人员"
    CONGRESS = "congress", "本人大的全部用户"


class RatingRoundQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> RatingRoundQuerySet:
        """Return the rounds that the user may see.

        Staff: all of their congress. Leaders: these but for drafts. Everybody: those in which they may vote, once
        opened, and those whose result is published to their congress.
        """
        hat = user.hat
        if hat is None:
            return self.none()
        own = Q(congress_id=hat.congress_id)
        if hat.role == Role.STAFF:
            seen = own
        elif hat.role == Role.LEADER:
            seen = own & ~Q(state=RoundState.DRAFT)
        else:
            seen = own & Q(state=RoundState.PUBLISHED, audience=Audience.CONGRESS)
        mine = Voter.objects.filter(user=user).values("round")
        return self.filter(seen | (Q(pk__in=mine) & ~Q(state=RoundState.DRAFT)))

    def waiting_for(self, user: User) -> RatingRoundQuerySet:
        """Return the open rounds in which the user may vote and has not."""
        mine = Voter.objects.filter(user=user, has_voted=False).values("round")
        return self.filter(state=RoundState.OPEN, pk__in=mine)


class RatingRound(models.Model):
    """One rating: its subjects are rated once by each voter on one scale.

    ``source`` and the subjects' ``object_key`` are for the apps above: what the round is about, in their words.
    ``request_key`` is made with the empty form and keeps a double click from making two rounds.
    """

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="rating_rounds", verbose_name="人大")
    title = models.CharField("名称", max_length=200)
    purpose = models.CharField("事由", max_length=200, blank=True)
    held_on = models.DateField("测评日期")
    is_secret = models.BooleanField("无记名", default=False)
    allows_blank = models.BooleanField("可以不填", default=False)
    allows_remarks = models.BooleanField("可以写意见", default=False)
    scale = models.CharField("等次", max_length=40)
    rate_name = models.CharField("比率名称", max_length=40)
    state = models.CharField("状态", max_length=10, choices=RoundState, default=RoundState.DRAFT)
    audience = models.CharField("公布范围", max_length=10, choices=Audience, blank=True)
    source = models.CharField("来源", max_length=40, blank=True)
    request_key = models.UUIDField(unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField("建立时间")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    opened_at = models.DateTimeField("开始时间", null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField("结束时间", null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    published_at = models.DateTimeField("公布时间", null=True)

    objects = RatingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "测评"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="rating_round_has_title"),
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="rating_round_known_state"),
            models.CheckConstraint(
                condition=Q(state="draft", opened_at__isnull=True) | Q(~Q(state="draft"), opened_at__isnull=False),
                name="rating_round_opened_iff_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "open"], closed_at__isnull=True)
                | Q(state__in=["closed", "published"], closed_at__isnull=False),
                name="rating_round_closed_iff_time",
            ),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False, audience__in=Audience.values)
                | Q(~Q(state="published"), published_at__isnull=True, audience=""),
                name="rating_round_published_iff_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("ratings:round", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.state in (RoundState.CLOSED, RoundState.PUBLISHED)


class Level(models.Model):
    """One thing to tick in a round, as its scale had it when the round was prepared."""

    round = models.ForeignKey(RatingRound, models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField("顺序")
    label = models.CharField("等次", max_length=40)
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, default=0)
    is_approval = models.BooleanField("计入比率", default=False)
    is_abstention = models.BooleanField("弃权", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "测评等次"
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="rating_level_position_once"),
            models.UniqueConstraint(fields=["round", "label"], name="rating_level_label_once"),
            models.CheckConstraint(
                condition=~Q(is_approval=True, is_abstention=True), name="rating_level_approves_or_abstains"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Subject(models.Model):
    """What is rated: a suggestion, a deputy, a department. ``object_key`` names the row of another app, if any."""

    round = models.ForeignKey(RatingRound, models.CASCADE, related_name="subjects")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("测评对象", max_length=200)
    note = models.CharField("说明", max_length=300, blank=True)
    object_key = models.CharField("事项", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "测评对象"
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="rating_subject_position_once"),
            models.UniqueConstraint(fields=["round", "name"], name="rating_subject_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="rating_subject_has_name"),
        ]
        indexes = [models.Index(fields=["object_key"], condition=~Q(object_key=""), name="rating_subject_object")]

    def __str__(self) -> str:
        return self.name


class Voter(models.Model):
    """The right to vote once in a round: a user's, or that of whoever holds a ballot code (票码).

    ``has_voted`` is all that a secret round knows of it; it never goes back (a trigger), and bears no time.
    """

    round = models.ForeignKey(RatingRound, models.CASCADE, related_name="voters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="rating_rights")
    code = models.CharField("票码", max_length=8, blank=True)
    has_voted = models.BooleanField("已投票", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "测评人"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "user"], name="rating_voter_once"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="rating_code_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, code="") | Q(Q(user__isnull=True) & ~Q(code="")),
                name="rating_voter_user_or_code",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user_id else f"票码 {self.code_label}"

    @property
    def code_label(self) -> str:
        """The code as it is printed: ABCD-EFGH."""
        return f"{self.code[:4]}-{self.code[4:]}"


class RightsChange(models.Model):
    """Who added or took back how many rights to vote while the round was open; never changed (a trigger).

    ``users`` is below zero where rights were taken back; ``names`` says whose.
    """

    round = models.ForeignKey(RatingRound, models.PROTECT, related_name="rights_changes")
    users = models.IntegerField("测评人", default=0)
    codes = models.PositiveIntegerField("票码", default=0)
    names = models.TextField("姓名", blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "测评人增减记录"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.round} {self.users:+} 人 {self.codes:+} 张"


class Ballot(models.Model):
    """What one voter handed in, in a named round alone; never changed (a trigger)."""

    voter = models.OneToOneField(Voter, models.PROTECT, related_name="ballot")
    cast_at = models.DateTimeField("投票时间")

    class Meta:
        verbose_name = verbose_name_plural = "选票"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.voter}"


class Mark(models.Model):
    """What a ballot says of one subject; no level where it was left blank and a remark written."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="marks")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="marks")
    level = models.ForeignKey(Level, models.PROTECT, null=True, related_name="marks")
    remark = models.CharField("意见", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "评价"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "subject"], name="rating_mark_once_per_subject"),
            models.CheckConstraint(condition=Q(level__isnull=False) | ~Q(remark=""), name="rating_mark_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.level or '未填'}"


class Box(models.Model):
    """The ballot box of a secret round: sums and nothing else, in one row that every vote rewrites as a whole.

    ``counts`` has for each subject, in their order, the numbers of the levels, in theirs; ``remarks`` has for each
    subject the remarks in alphabetical order. So neither a key nor an order nor a row's version says whose they are.
    """

    round = models.OneToOneField(RatingRound, models.PROTECT, related_name="box")
    ballots = models.PositiveIntegerField("票数", default=0)
    counts = models.JSONField("计数")
    remarks = models.JSONField("意见")

    class Meta:
        verbose_name = verbose_name_plural = "票箱"

    def __str__(self) -> str:
        return f"{self.round} {self.ballots} 票"


class PaperEntry(models.Model):
    """Paper votes that were counted by hand: so many ballots, and how often each level was ticked for each subject.

    Never changed (a trigger): a correction is another entry that ``replaces`` this one; one of no ballots takes it back.
    """

    round = models.ForeignKey(RatingRound, models.PROTECT, related_name="paper_entries")
    ballots = models.PositiveIntegerField("票数")
    note = models.CharField("备注", max_length=200, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("录入时间")
    request_key = models.UUIDField(unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "纸质票录入"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.round} 纸质票 {self.ballots} 张"


class PaperCount(models.Model):
    """How often a level was ticked for a subject on the ballots of an entry; zeros have no row."""

    entry = models.ForeignKey(PaperEntry, models.PROTECT, related_name="counts")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="paper_counts")
    level = models.ForeignKey(Level, models.PROTECT, related_name="paper_counts")
    number = models.PositiveIntegerField("票数")

    class Meta:
        verbose_name = verbose_name_plural = "纸质票计数"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "subject", "level"], name="rating_paper_count_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="rating_paper_count_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.level} {self.number}"
