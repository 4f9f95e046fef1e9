"""Cleaning rules for one cell. Each returns a value or raises `CellError`; see `Cleaner`."""

from workbooks.cells import CellError
from workbooks.cleaners.base import Boolean, Choice, Cleaner, Code, DocumentNumber, Phone, Text
from workbooks.cleaners.dates import Date, PartialDate, PartialDateCleaner
from workbooks.cleaners.names import Name, NameList, Names, normal_name, split_names
from workbooks.cleaners.numbers import Decimal, Integer

__all__ = [
    "Boolean",
    "CellError",
    "Choice",
    "Cleaner",
    "Code",
    "Date",
    "Decimal",
    "DocumentNumber",
    "Integer",
    "Name",
    "NameList",
    "Names",
    "PartialDate",
    "PartialDateCleaner",
    "Phone",
    "Text",
    "normal_name",
    "split_names",
]
