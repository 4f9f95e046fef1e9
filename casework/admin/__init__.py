"""Registers of procedures, of the calendar, and of what cases leave behind."""

from casework.admin import calendar, cases, procedures

__all__ = ["calendar", "cases", "procedures"]
