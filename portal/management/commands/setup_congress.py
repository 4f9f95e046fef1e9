import datetime as dt
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import IntegrityError, transaction

from bodies.models import Congress, Level, Term
from bodies.services import UnableToSetUpCongress, set_up_congress
from casework.holidays import load_holidays
from proposals.services import install_procedures, prepare_term
from workbooks.cells import tidy
from workbooks.cleaners import CellError, Date

REQUIRED = {"code": "--code", "name": "--name", "level": "--level", "term": "--term", "from": "--from", "to": "--to"}


class Command(BaseCommand):
    help = "建立一个人大和它的一届：届次、办理程序、办理结果分类和节假日。重复运行不会改动任何内容。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        # What is missing or wrong is said in one sentence by `handle`, not in argparse's own words.
        parser.add_argument("--code", metavar="代码", help="行政区划代码，例如 340100")
        parser.add_argument("--name", metavar="名称", help="例如 合肥市")
        parser.add_argument("--level", metavar="层级", help="、".join(Level.labels))
        parser.add_argument("--term", metavar="届次", help="例如 第十六届")
        parser.add_argument("--from", metavar="日期", help="本届开始的日期，例如 2018-01-01")
        parser.add_argument("--to", metavar="日期", help="本届结束的日期，例如 2022-12-31")
        parser.add_argument("--parent", metavar="代码", help="上级人大的代码，可以不写")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was done in one line; exit status 1 and one line when it is impossible."""
        try:
            values = _checked(options)
            with transaction.atomic():
                congress, term, wrote = set_up_congress(**values)
                install_procedures()
                prepare_term(term=term)
                load_holidays()
        except UnableToSetUpCongress as error:
            self._refuse(str(error))
        except IntegrityError:
            self._refuse("同时有别人在建立同一个人大或届次，请再运行一次核对。")
        what = f"{congress}（{congress.get_level_display()}，代码 {congress.code}）{term.name}"
        period = f"{term.starts_on}至{term.ends_on}"
        self.stdout.write(f"已建立 {what}，{period}。" if wrote else f"{what}已经存在，{period}，没有改动。")

    def _refuse(self, message: str) -> None:
        self.stderr.write(message)
        sys.exit(1)


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of ``set_up_congress``. Raises UnableToSetUpCongress for what is missing or cannot be read."""
    given = {key: tidy(options[key] or "") for key in [*REQUIRED, "parent"]}
    if missing := [flag for key, flag in REQUIRED.items() if not given[key]]:
        raise UnableToSetUpCongress(
            f"缺少 {'、'.join(missing)}。例如：--code 340100 --name 合肥市 --level 市 --term 第十六届 --from 2018-01-01 --to 2022-12-31"
        )
    levels = dict(zip(Level.labels, Level.values, strict=True))
    if given["level"] not in levels:
        raise UnableToSetUpCongress(f"层级「{given['level']}」无法识别：只能是 {'、'.join(levels)}。")
    for key, model, field in (("code", Congress, "code"), ("name", Congress, "name"), ("term", Term, "name")):
        limit = model._meta.get_field(field).max_length  # noqa: SLF001 - Django's documented model API
        if len(given[key]) > limit:
            raise UnableToSetUpCongress(f"{REQUIRED[key]} 有 {len(given[key])} 个字，最多 {limit} 个字。")
    return {
        "code": given["code"],
        "name": given["name"],
        "level": levels[given["level"]],
        "term_name": given["term"],
        "starts_on": _day(given["from"], "--from"),
        "ends_on": _day(given["to"], "--to"),
        "parent_code": given["parent"] or None,
    }


def _day(text: str, flag: str) -> dt.date:
    try:
        return Date().clean(text)
    except CellError as error:
        raise UnableToSetUpCongress(f"{flag}「{text}」：{error}。") from None
