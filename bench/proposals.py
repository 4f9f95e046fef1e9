"""List, case page, search and similar items at three sizes, with ratios; recall of the similar items."""

import itertools
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from bench import near_duplicates
from bench.archive import Archive, new_county
from bodies.models import Congress, Level
from casework.models import Case
from proposals.models import Proposal
from proposals.similar import similar

SIZES = (1_000, 10_000, 100_000)
RUNS = 7
TOP = 3


def run(_database: str, _folder: Path, _repeat: int) -> None:
    """Measure everything at each size and print one table: medians in milliseconds, and their ratios to the least.

    Each size has a database of its own, and the sizes take turns: so whatever else the machine does meets them alike.
    """
    logging.disable(logging.INFO)
    call_command("collectstatic", interactive=False, verbosity=0)
    archive = new_county()
    whole = connection.settings_dict["NAME"]
    copies = []
    try:
        for size in SIZES:
            start = time.perf_counter()
            archive.grow(size)
            sys.stdout.write(f"{size} proposals written in {time.perf_counter() - start:.0f} s\n")
            if size != SIZES[-1]:
                connection.close()
                connection.creation.clone_test_db(str(size), verbosity=0, autoclobber=True)
                copies.append(str(size))
        _report(_measure(archive, [*(f"{whole}_{copy}" for copy in copies), whole]))
        if near_duplicates.FILE.exists():
            found, pairs = _recall(archive)
            sys.stdout.write(
                f"\nSimilar items of the real file: {found} of {pairs} near-duplicates in the top {TOP}"
                f" (recall {found / pairs:.3f})\n"
            )
    finally:
        _use(whole)
        for copy in copies:
            connection.creation.destroy_test_db(suffix=copy, verbosity=0)


def _use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def _measure(archive: Archive, databases: list[str]) -> dict[str, list[float]]:
    """Return the median seconds of each job, for each database."""
    jobs = {}
    for size, database in zip(SIZES, databases, strict=True):
        _use(database)
        jobs[database] = _jobs(archive, size)
    taken: dict[str, dict[str, list[float]]] = {title: {} for title in jobs[databases[0]]}
    for _run in range(RUNS):
        for database in databases:
            _use(database)
            for title, job in jobs[database].items():
                job()
                start = time.perf_counter()
                job()
                taken[title].setdefault(database, []).append(time.perf_counter() - start)
    return {title: [statistics.median(times[name]) for name in databases] for title, times in taken.items()}


def _report(times: dict[str, list[float]]) -> None:
    head = "".join(f"{size:>10}" for size in SIZES)
    sys.stdout.write(f"\n{f'milliseconds, median of {RUNS} runs':<46}{head}{'x 10 000':>10}{'x 100 000':>11}\n")
    for title, (first, second, third) in times.items():
        numbers = "".join(f"{1000 * one:>10.1f}" for one in (first, second, third))
        sys.stdout.write(f"  {title:<44}{numbers}{second / first:>10.2f}{third / first:>11.2f}\n")


def _jobs(archive: Archive, size: int) -> dict[str, Callable[[], object]]:
    """Name what is measured: pages through HTTP as their users open them, and the look for similar items."""
    url = reverse("proposals:list")
    middle, third = (Proposal.objects.order_by("pk")[size // part] for part in (2, 3))
    unit, category = archive.units[7].pk, archive.categories[3].pk

    def page(user: object, address: str) -> Callable[[], object]:
        client = Client()
        client.force_login(user)

        def get() -> None:
            answer = client.get(address)
            if answer.status_code != 200:
                sys.exit(f"{address}: {answer.status_code}")

        return get

    def lookup() -> None:
        user = get_user_model().objects.get(pk=archive.staff.pk)
        similar(third.title, third.body, user=user, congress=archive.congress, exclude=third.pk)

    staff = archive.staff
    return {
        "list (staff)": page(staff, url),
        "list (unit)": page(archive.unit_user, url),
        "list (deputy)": page(archive.deputy, url),
        "list: my tasks (staff)": page(staff, f"{url}?view=todo"),
        "list: overdue (staff)": page(staff, f"{url}?view=overdue"),
        "list by unit, category and light": page(staff, f"{url}?unit={unit}&category={category}&light=green"),
        "list by year, sorted by due date": page(staff, f"{url}?year=2025&sort=due_on"),
        "case page": page(staff, reverse("proposals:case", args=[middle.pk])),
        "search: word of two signs": page(staff, f"{url}?q=养犬"),
        "search: longer word and place": page(staff, f"{url}?q=停车场建设 东湖"),
        "search: nothing found": page(staff, f"{url}?q=火星"),
        "search: number": page(staff, f"{url}?q=第12号"),
        "search: name of a deputy": page(staff, f"{url}?q=王伟"),
        "similar items": lookup,
    }


def _recall(archive: Archive) -> tuple[int, int]:
    """Return how many of the known near-duplicates, in both directions, are among the first, and how many there are."""
    congress = Congress.objects.create(code="990200", name="石桥县", level=Level.COUNTY)
    titles = near_duplicates.titles()
    rows = dict(zip(titles, Proposal.objects.order_by("pk")[: len(titles)], strict=True))
    for number, row in rows.items():
        Case.objects.filter(pk=row.pk).update(title=titles[number], congress=congress)
    archive.staff.memberships.update(congress=congress)
    user = get_user_model().objects.get(pk=archive.staff.pk)
    found = 0
    asked = [turned for pair in near_duplicates.PAIRS for turned in itertools.permutations(pair)]
    for number, other in asked:
        top = similar(titles[number], user=user, congress=congress, exclude=rows[number].pk, limit=TOP)
        found += rows[other].pk in [one.proposal.pk for one in top]
    return found, len(asked)
