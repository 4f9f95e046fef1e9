"""The items of a person's data: how each is called, shown, cleaned and set. The register and corrections share them."""

from __future__ import annotations

from dataclasses import dataclass

from deputies.models import Gender, Person
from deputies.private import LABELS
from workbooks.cleaners import CellError, Choice, Cleaner, Code, Name, PartialDate, PartialDateCleaner, Phone, Text

BIRTH = "birth"
# By which forms and imports clean them.
CLEANERS: dict[str, Cleaner] = {
    "name": Name(100),
    "ethnicity": Name(40),
    BIRTH: PartialDateCleaner(),
    "native_place": Name(100),
    "party": Name(60),
    "education": Name(60),
    "degree": Name(60),
    "post": Text(300),
    "occupation": Name(60),
    "id_number": Code(18, pattern=r"\d{17}[\dXx]", wanted="18 位身份证号"),
    "phone": Phone(),
    "address": Text(200),
    "postcode": Code(10),
}
# What nobody is without.
NEEDED = ("name", "gender")


class UnfitValue(Exception):
    """What was typed cannot be the item's content; the message says why."""


@dataclass(frozen=True)
class Item:
    """One item: its name, and whether screens mask it."""

    name: str
    label: str
    cleaner: Cleaner
    is_masked: bool = False

    def shown(self, person: Person) -> str:
        """Return the item in full, as people write it."""
        return person.born_label if self.name == BIRTH else getattr(person, self.name)

    def clean(self, typed: str) -> str:
        """Return what was typed as it would be shown. Raises UnfitValue."""
        text = typed.replace("\x00", "").strip()
        try:
            value = self.cleaner.clean(text) if text else ""
        except CellError as error:
            raise UnfitValue(f"{self.label}{error}。") from None
        # What cannot be seen may be all that was typed.
        if not value and self.name in NEEDED:
            raise UnfitValue(f"{self.label}不能为空。")
        return _born(value) if isinstance(value, PartialDate) else value or ""

    def set(self, person: Person, text: str) -> None:
        """Set the item of a person that is saved afterwards to what ``clean`` returned."""
        if self.name != BIRTH:
            setattr(person, self.name, text)
        elif text:
            born = self.cleaner.clean(text)
            person.born_on, person.born_precision = born.first, born.precision
        else:
            person.born_on, person.born_precision = None, ""


def _born(value: PartialDate) -> str:
    return Person(born_on=value.first, born_precision=value.precision).born_label


def _item(name: str, label: str, cleaner: Cleaner | None = None) -> Item:
    return Item(name, label, cleaner or CLEANERS[name], name in LABELS)


ITEMS: dict[str, Item] = {
    item.name: item
    for item in (
        _item("name", "姓名"),
        _item("gender", "性别", Choice(*Gender.values)),
        _item("ethnicity", "民族"),
        _item(BIRTH, "出生年月"),
        _item("native_place", "籍贯"),
        _item("party", "党派"),
        _item("education", "学历"),
        _item("degree", "学位"),
        _item("post", "工作单位及职务"),
        _item("occupation", "职业构成"),
        _item("id_number", "身份证号"),
        _item("phone", "手机"),
        _item("address", "通讯地址"),
        _item("postcode", "邮编"),
    )
}
