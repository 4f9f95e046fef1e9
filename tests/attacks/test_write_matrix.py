"""Every address that takes more than GET, every role, own rows and others': what each write is answered stands in lines.

The lines: ``write_lines`` (acts on proposals), ``write_lines_pages``, ``write_lines_api``, ``write_lines_admin``. A new
address that takes POST and has no line fails by name. To add one: a ``Line`` with its name, the rows of its address,
a body that somebody's rights make good, and fifteen letters, one for each of ``answers.WHO``:

    W  done: rows were written                .  404       x  403       m  405       ?  401
    o  answered (200), nothing written        C  409       F  400 or 422, the form again
    R  led elsewhere, nothing written         L  led to the log-in       K  a file was kept for the next step

Whatever is not W leaves every table but the trail and the sessions as it was, sends nothing (mail, task, notice),
opens no file for writing, and shows no word of rows that the role does not see: see ``watching`` and ``answers``.
What a row needs to stand where it does is made in ``stages``.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.urls import reverse

from notices.models import Notice
from proposals import tasks  # noqa: F401
from tests.admin.conftest import REGISTERS, url
from tests.attacks import write_lines, write_lines_admin, write_lines_api, write_lines_pages
from tests.attacks.answers import WHO, Line, asked, asked_at, key_of
from tests.attacks.stages import Stages, stages  # noqa: F401 - a fixture
from tests.attacks.test_url_matrix import WORKBENCH
from tests.attacks.watching import watched

PAGES = write_lines_pages.PAGES
# Lines in which nobody's body is proven to be good: this number only falls.
UNPROVEN = 0


@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def wrong(stages: Stages, lines: Iterable[Line]) -> list[str]:  # noqa: F811
    """What the answers to the lines are instead of what stands there."""
    found = []
    for line in lines:
        assert len(line.letters) == len(WHO), line
        told = [asked(stages, line, who) if cell != "-" else ("-", []) for who, cell in zip(WHO, line.letters, strict=True)]
        letters = "".join(letter for letter, _ in told)
        if letters != line.letters:
            found.append(f"{line}: expected {line.letters}, found {letters}")
        found += [f"{line} by {who}: {what}" for who, (_, faults) in zip(WHO, told, strict=True) for what in faults]
    return found


@pytest.mark.parametrize("part", range(4))
def test_acts(stages: Stages, part: int) -> None:  # noqa: F811
    assert wrong(stages, write_lines.acts()[part::4]) == []


def test_acts_on_rows_of_another_county(stages: Stages) -> None:  # noqa: F811
    assert wrong(stages, write_lines.abroad()) == []


@pytest.mark.parametrize("part", range(2))
def test_pages(stages: Stages, part: int) -> None:  # noqa: F811
    assert wrong(stages, PAGES[part::2]) == []


def test_registers_of_the_api(stages: Stages) -> None:  # noqa: F811
    assert wrong(stages, write_lines_api.registers()) == []
