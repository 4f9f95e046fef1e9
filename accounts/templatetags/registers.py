"""The table of a register, as ``accounts.registers`` sets it."""

from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList

from accounts.registers import table_of

register = template.Library()


@register.inclusion_tag("admin/register_table.html")
def register_table(cl: ChangeList) -> dict[str, Any]:
    """Draw the rows of a list's page."""
    return {**table_of(cl), "cl": cl}
