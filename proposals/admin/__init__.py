"""Registers of proposals, of the lists by which they are sorted, and of how a term's proposals are handled."""

from proposals.admin import arrangements, register

__all__ = ["arrangements", "register"]
