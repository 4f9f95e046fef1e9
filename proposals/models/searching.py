"""What search and the look for similar items read: kept by the database itself, whoever writes a proposal."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models

from proposals.models.proposal import Proposal


class SearchText(models.Model):
    """The words of one proposal, ready to be searched; triggers write the row, and no application code.

    ``text`` is title and text in small letters of one width, without spaces, a line each. ``grams`` holds every sign
    and every two neighbouring signs of it: so a word of two signs is found by an index, which trigrams cannot do. ``title_key`` is the title without what all
    titles say (关于…的建议, 进一步, 加强), ``title_pairs`` its pairs of neighbouring signs as words.
    """

    proposal = models.OneToOneField(
        Proposal, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="search", editable=False
    )
    text = models.TextField(editable=False)
    grams = ArrayField(models.TextField(), editable=False)
    title_key = models.TextField(editable=False)
    title_pairs = models.TextField(editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "检索文本"
        default_permissions = ()
        indexes = [
            GinIndex(fields=["grams"], name="search_text_grams"),
            GistIndex(fields=["title_pairs"], opclasses=["gist_trgm_ops(siglen=128)"], name="search_text_titles"),
        ]

    def __str__(self) -> str:
        return self.title_key
