"""Files that belong to a proposal, kept outside what the web server publishes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role
from proposals.models.commitments import Commitment
from proposals.models.handling import Assignment, AssistOpinion
from proposals.models.proposal import Cosignature, Proposal
from proposals.models.replies import Reply, ReplyDisclosure

if TYPE_CHECKING:
    from accounts.models import User


class AttachmentKind(models.TextChoices):
    PROPOSAL = "proposal", "建议议案附件"
    REPLY = "reply", "答复函"
    RECORD = "record", "当面答复记录"
    REQUEST = "request", "申请附件"
    EVIDENCE = "evidence", "落实佐证"


def _place(attachment: Attachment, _name: str) -> str:
    """Return where the file is kept: what people call it stays in the row."""
    return f"proposals/{attachment.proposal_id}/{uuid.uuid4().hex}"


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> AttachmentQuerySet:
        """Return the files that the user may read, on proposals that he may see.

        What belongs to the proposal: everybody. A unit's reply, once it was given, records and evidence: who takes part, of
        deputies only the lead and those who signed; other deputies see replies that are public in full. An opinion of
        an assisting unit: offices and units. A unit's requests: the offices that supervise. Its own files a unit
        always sees.
        """
        seen = self.filter(proposal__in=Proposal.objects.visible_to(user).values("pk"))
        replies = Reply.objects.filter(assignment=OuterRef("assignment"))
        of_proposal, is_reply = Q(kind=AttachmentKind.PROPOSAL), Q(kind=AttachmentKind.REPLY)
        told = Q(kind__in=[AttachmentKind.RECORD, AttachmentKind.EVIDENCE])
        given = told | (is_reply & Exists(replies))
        if user.has_role(Role.DEPUTY):
            signed = Cosignature.objects.signed().filter(seat__person__user=user).values("proposal")
            takes_part = Q(proposal__lead__person__user=user) | Q(proposal__in=signed)
            public = is_reply & Exists(replies.filter(disclosure=ReplyDisclosure.FULL))
            return seen.filter(of_proposal | public | (given & takes_part))
        opined = Exists(AssistOpinion.objects.filter(assignment=OuterRef("assignment")))
        condition = of_proposal | given | (is_reply & opined)
        if user.has_role(Role.STAFF, Role.LEADER, Role.GOV_OFFICE):
            condition |= Q(kind=AttachmentKind.REQUEST)
        elif user.has_role(Role.UNIT):
            condition |= Q(assignment__unit_id=user.hat.unit_id)
        return seen.filter(condition)


class Attachment(models.Model):
    """A file of a proposal, or of one unit's part in it."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="attachments", verbose_name="建议议案")
    assignment = models.ForeignKey(
        Assignment, models.CASCADE, null=True, blank=True, related_name="attachments", verbose_name="交办"
    )
    commitment = models.ForeignKey(
        Commitment, models.CASCADE, null=True, blank=True, related_name="attachments", verbose_name="承诺事项"
    )
    kind = models.CharField("性质", max_length=10, choices=AttachmentKind)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField("校验值", max_length=64)
    file = models.FileField("文件", upload_to=_place, max_length=200)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AttachmentKind.values), name="attachment_known_kind"),
            models.CheckConstraint(
                condition=Q(kind="evidence", commitment__isnull=False)
                | Q(~Q(kind="evidence"), commitment__isnull=True),
                name="attachment_evidence_of_commitment",
            ),
        ]

    def __str__(self) -> str:
        return self.name
