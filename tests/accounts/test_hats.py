"""One person with several hats: he picks which one he wears, and sees and may do what that one may."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role
from bodies.models import Committee
from notices.models import Message
from notices.services import deliver_pending, tell
from proposals import services
from proposals.models import Proposal
from tests import factories as make
from tests.attacks.conftest import hand_in
from tests.factories import at
from tests.world import World, world  # noqa: F401


@pytest.fixture
def chair(world: World) -> object:  # noqa: F811
    """The township's chair, who is a deputy of the county too; the township comes first."""
    user = world.township_user
    Membership.objects.create(user=user, role=Role.DEPUTY, congress=world.congress)
    make.SeatFactory(term=world.term, delegation=world.other_seat.delegation, person__name="吴军", person__user=user)
    return type(user).objects.get(pk=user.pk)


def switch(client: Client, hat: Membership) -> int:
    return client.post(reverse("wear", args=[hat.pk])).status_code


def test_a_chair_who_is_a_deputy_works_under_one_hat_at_a_time(client: Client, world: World, chair: object) -> None:  # noqa: F811
    township, deputy = chair.hats
    own = services.create_draft(
        user=as_deputy(chair), request_key=uuid.uuid4(), now=at(2026, 3, 2), title="吴军的草稿", body="正文",
        disclosure="full",
    )  # fmt: skip
    client.force_login(chair)
    new, case = reverse("proposals:new"), reverse("proposals:case", args=[own.pk])
    # As the township he neither proposes nor reads what the deputy has not handed in.
    assert (client.get(new).status_code, client.get(case).status_code) == (302, 404)
    page = client.get("/").content.decode()
    assert "云溪县 代表" in page
    assert "城关镇" in page
    assert "切换到云溪县 代表" in client.get(case).content.decode()
    assert switch(client, deputy) == 302
    assert (client.get(new).status_code, client.get(case).status_code) == (200, 200)
    assert "云溪县 代表（当前）" in client.get("/").content.decode()
    assert switch(client, township) == 302
    assert (client.get(new).status_code, client.get(case).status_code) == (302, 404)


def as_deputy(user: object) -> object:
    """The same person under the hat of a deputy."""
    user.wear(next(hat.pk for hat in user.hats if hat.role == Role.DEPUTY))
    return user


def test_nobody_puts_on_the_hat_of_another(client: Client, world: World) -> None:  # noqa: F811
    client.force_login(world.deputy)
    for hat in (world.staff.hat, world.leader.hat):
        assert switch(client, hat) == 404
    assert client.post(reverse("wear", args=[10**25])).status_code == 404
    assert client.get(reverse("wear", args=[world.deputy.hat.pk])).status_code == 405
    assert "hat" not in client.session
    assert client.get(reverse("admin:index"), follow=True).status_code == 403
    assert Client().post(reverse("wear", args=[world.staff.hat.pk])).status_code == 302


def test_one_click_from_a_message_of_another_hat_to_its_page(client: Client, world: World, chair: object) -> None:  # noqa: F811
    deputy = chair.hats[1]
    own = services.create_draft(
        user=as_deputy(chair), request_key=uuid.uuid4(), now=at(2026, 3, 2), title="吴军的草稿", body="正文",
        disclosure="full",
    )  # fmt: skip
    case = reverse("proposals:case", args=[own.pk])
    tell(
        rule="test", object_key="1", due_on=at(2026, 3, 2).date(), recipients=[chair], title="请看", url=f"{case}?a=1&b=2",
        now=at(2026, 3, 2),
    )  # fmt: skip
    deliver_pending(now=at(2026, 3, 2))
    client.force_login(chair)
    refused = client.get(reverse("notices:open", args=[Message.objects.get().pk]), follow=True)
    assert refused.status_code == 404
    page = refused.content.decode()
    (form,) = [
        one
        for one in page.split("<form")[1:]
        if "<button" in one and f'action="{wear_url(deputy)}"' in one and "next" in one
    ]
    assert f'name="next" value="{case}?a=1&amp;b=2"' in form
    assert client.post(wear_url(deputy), {"next": f"{case}?a=1&b=2"})["Location"] == f"{case}?a=1&b=2"
    assert "吴军的草稿" in client.get(case).content.decode()
    # What was sent, and not asked for, is not asked for afterwards.
    assert "请切换身份，再打开。" in client.post(f"{case}nowhere/").content.decode()


def wear_url(hat: Membership) -> str:
    return reverse("wear", args=[hat.pk])


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://[",
        "\x00//x",
        "x" * 10,
        "",
    ],
)
def test_another_hat_leads_nowhere_outside(client: Client, world: World, elsewhere: str) -> None:  # noqa: F811
    client.force_login(world.deputy)
    answer = client.post(wear_url(world.deputy.hat), {"next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "x" * 10 if elsewhere.startswith("xx") else "/")


def test_a_hat_taken_away_during_the_session_is_gone_at_once(client: Client, world: World, chair: object) -> None:  # noqa: F811
    hidden = hand_in(world.deputy, "城关镇代表的建议")
    client.force_login(chair)
    case = reverse("proposals:case", args=[hidden.pk])
    township = chair.hats[0]
    assert switch(client, township) == 302
    assert "城关镇代表的建议" in client.get(case).content.decode()
    township.delete()
    page = client.get(case)
    assert page.status_code == 404
    assert "城关镇代表的建议" not in page.content.decode()
    chair.memberships.all().delete()
    assert client.get("/").content.decode().count("账号还没有任职身份") == 2
    assert client.get(reverse("proposals:list")).status_code == 404


def test_home_counts_what_waits_under_the_other_hats(client: Client, world: World) -> None:  # noqa: F811
    both = make.UserFactory(
        username="both", name="钱丽", role=Role.UNIT, role__congress=world.congress, role__unit=world.police
    )
    Membership.objects.create(user=both, role=Role.STAFF, congress=world.congress)
    hand_in(world.deputy, "第一件")
    hand_in(world.deputy, "第二件")
    client.force_login(both)
    page = client.get("/").content.decode()
    assert "您的其他身份还有待办" in page
    assert "切换到云溪县 代表工委" in page
    assert "<span>2 件待办</span>" in page
    switch(client, Membership.objects.get(user=both, role=Role.STAFF))
    page = client.get("/").content.decode()
    assert "您的其他身份还有待办" not in page
    assert "我的待办" in page


def test_a_committee_reads_what_it_oversees(client: Client, world: World) -> None:  # noqa: F811
    committee = Committee.objects.create(congress=world.congress, name="教科文卫委员会")
    other = Committee.objects.create(congress=world.congress, name="法制委员会")
    members = {}
    for number, body in enumerate((committee, other)):
        members[body] = make.UserFactory(username=f"member{number}", name=f"委员{number}")
        Membership.objects.create(user=members[body], role=Role.COMMITTEE, congress=world.congress, committee=body)
    row = hand_in(world.deputy, "校车安全的建议")
    beside = hand_in(world.deputy, "机密的另一件")
    row = services.review(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 3, 3), outcome_code="pass", reason=""
    )
    oversight = services.set_oversight(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 3, 4), kind="field", meeting="第一次主任会议",
        decided_on=at(2026, 3, 4).date(), body="教科文卫委员会",
    )  # fmt: skip
    seen = {body.name: list(Proposal.objects.visible_to(user)) for body, user in members.items()}
    assert seen == {"教科文卫委员会": [row], "法制委员会": []}
    assert [notice.title for notice in members[committee].notices.all()] == [f"请您对口督办：{row}"]
    assert not members[other].notices.exists()
    client.force_login(members[committee])
    assert "校车安全的建议" in client.get(reverse("proposals:list")).content.decode()
    # A page that is open to it is led to.
    overdue = reverse("casework:overdue")
    assert client.get(overdue).status_code == 200
    assert f'href="{overdue}"' in client.get("/").content.decode()
    assert client.get(reverse("proposals:case", args=[row.pk])).status_code == 200
    refused = client.get(reverse("proposals:case", args=[beside.pk]))
    assert (refused.status_code, "机密" in refused.content.decode()) == (404, False)
    services.lift_oversight(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 3, 5), oversight_id=oversight.pk,
        reason="已办结",
    )  # fmt: skip
    assert client.get(reverse("proposals:case", args=[row.pk])).status_code == 404
