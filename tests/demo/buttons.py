"""Whether the buttons of a case page are the acts that its addresses take."""

from collections.abc import Iterable, Iterator

from django.test import Client
from django.urls import reverse

from accounts.models import User
from proposals.abilities import abilities
from proposals.case_presenters import PAGES, POSTED
from proposals.models import Proposal, ProposalQuerySet
from proposals.queries import visible_proposal


def check_buttons(users: Iterable[User], among: ProposalQuerySet) -> set[str]:
    """Return the acts that were open to any of the users; every kind of case is looked at as each of them sees it.

    No button fails; an act that may be done has one. The address of an act without one refuses: asked once for each.
    """
    opened: set[str] = set()
    refused: set[str] = set(POSTED)
    for user in users:
        client = Client()
        client.force_login(user)
        for row, can in _kinds_of_cases(user, among):
            page = client.get(row.get_absolute_url()).content.decode()
            for act in sorted(PAGES):
                address = reverse(f"proposals:{act}", args=[row.pk])
                is_offered = f'href="{address}"' in page or f'action="{address}"' in page
                where = f"{user.username}, {row}: {act}"
                assert is_offered == (act in can), where
                if is_offered and act not in POSTED:
                    answer = client.get(address, follow=True)
                    assert answer.status_code == 200, where
                    assert '<form method="post"' in answer.content.decode(), where
                elif not is_offered and act not in refused:
                    refused.add(act)
                    assert client.get(address).status_code == 409, where
            opened |= can
    assert refused == PAGES
    return opened


def _kinds_of_cases(user: User, among: ProposalQuerySet) -> Iterator[tuple[Proposal, set[str]]]:
    """Yield one case of each kind: alike in the step, in what the user may do, and in what he is told that he may not."""
    seen = set()
    for pk in among.visible_to(user).values_list("pk", flat=True):
        row = visible_proposal(user, pk)
        can = abilities(user, row)
        kind = (row.step_id, *sorted((code, one.allowed) for code, one in can.items()))
        if kind not in seen:
            seen.add(kind)
            yield row, {code for code, one in can.items() if one.allowed and code in PAGES}
