"""People who walk a case through its steps: each in a window of one's own, by the buttons that the page shows."""

import re
from collections.abc import Callable

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, expect

from accounts.models import User
from bodies.models import Unit
from casework.models import Case, Procedure
from proposals.models import Arrangement, Assignment, Proposal, Reply
from tests import factories as make
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.world import World

PATIENCE = 30_000  # milliseconds, for a busy machine


class Walker:
    """A person before a screen."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page

    def come_in(self, user: User, base_url: str) -> None:
        """Bring a log-in along, where the log-in is not what the test is about."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.visitor.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])

    def open(self, row: Case) -> None:
        self.page.goto(row.get_absolute_url())

    def act(self, label: str) -> None:
        """Press a button under 您现在可以办理."""
        asides = self.page.get_by_role("complementary", name="您现在可以办理")
        asides.get_by_role("link", name=label, exact=True).or_(
            asides.get_by_role("button", name=label, exact=True)
        ).click()

    def type(self, **texts: str) -> None:
        """Fill fields by their labels."""
        for label, text in texts.items():
            self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        """The text or list under a label, which may be marked as needed."""
        return self.page.get_by_label(re.compile(f"^{label}(必填)?$"))

    def choose(self, group: str, *labels: str) -> None:
        """Tick radio buttons or boxes of a group."""
        for label in labels:
            self.page.get_by_role("group", name=group).get_by_label(label, exact=True).check()

    def submit(self, button: str, said: str) -> None:
        """Press the button of the form and read what the next page says was done."""
        self.page.locator("main form").get_by_role("button", name=button, exact=True).click()
        self.reads(said)

    def confirm(self, button: str, said: str) -> None:
        """The same where the page asks once more."""
        self.page.locator("main form").get_by_role("button", name=button, exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name=button).click()
        self.reads(said)

    def reads(self, *words: str) -> None:
        """Find words on the page."""
        for said in words:
            expect(self.page.locator("main")).to_contain_text(said, timeout=PATIENCE)

    def reads_not(self, *words: str) -> None:
        for said in words:
            expect(self.page.locator("main")).not_to_contain_text(said)

    def fits(self) -> None:
        """The browser has not complained, and nothing sticks out to the right."""
        assert self.visitor.complaints == []
        assert self.visitor.fits_the_screen(), self.page.url

    def owed(self) -> Locator:
        """What the page says under 现在由谁办理."""
        return self.page.get_by_role("list", name="现在由谁办理").get_by_role("listitem")


class Walk:
    """A term that runs by one procedure, and a window for each of its people."""

    def __init__(self, county: World, visit: Callable[..., Visitor], base_url: str, procedure: str) -> None:
        Arrangement.objects.filter(term=county.term).update(
            procedure=Procedure.objects.get(code=procedure, is_active=True)
        )
        self.visit, self.base_url = visit, base_url
        self.desks: dict[int, Walker] = {}

    def desk(self, user: User) -> Walker:
        """A clerk's screen."""
        return self._walker(user, DESK)

    def phone(self, user: User) -> Walker:
        """A deputy's phone."""
        return self._walker(user, PHONE)

    def _walker(self, user: User, viewport: dict[str, int]) -> Walker:
        if user.pk not in self.desks:
            self.desks[user.pk] = Walker(self.visit(viewport))
            self.desks[user.pk].come_in(user, self.base_url)
        return self.desks[user.pk]

    def clean(self) -> None:
        """No browser has complained, and what each shows last fits its screen."""
        for walker in self.desks.values():
            walker.fits()


def user_of(county: World, unit: Unit) -> User:
    """Somebody who works for a unit."""
    return make.UserFactory(name=f"{unit}的人", role="unit", role__congress=county.congress, role__unit=unit)


def hand_in(phone: Walker, title: str, body: str, receipt_no: int) -> Proposal:
    """Write a suggestion and hand it in."""
    phone.page.goto("/")
    phone.page.get_by_role("link", name="提出建议").first.click()
    phone.type(标题=title, 正文=body)
    phone.page.get_by_label("已逐项核对").check()
    phone.confirm("提交", f"已提交，收件号 {receipt_no}。")
    return Proposal.objects.select_related("lead__person").get(receipt_no=receipt_no)


def decide(desk: Walker, verb: str, outcome: str, said: str, **texts: str) -> None:
    """Decide on the step of the case that is open."""
    desk.act(verb)
    if outcome:
        desk.choose("结论", outcome)
    desk.type(**texts)
    desk.submit(f"提交{verb}结论" if outcome else verb, said)


def take_up(desk: Walker, row: Proposal) -> None:
    """Acknowledge and record the first contact, as a unit does."""
    desk.open(row)
    desk.act("签收")
    desk.reads("已签收。请与代表联系沟通，并在期限内答复。")
    desk.act("登记联系")
    desk.choose("联系方式", "上门征求意见")
    desk.type(沟通情况="到现场察看，听取代表意见。")
    desk.submit("登记联系", "联系情况已登记。")


def answer(desk: Walker, document_no: str, text: str) -> None:
    """Reply on the case that is open."""
    desk.act("提交答复")
    desk.type(答复内容=text, 答复文号=document_no)
    desk.choose("办理结果", "A 已经解决：所提问题已经解决或者基本解决")
    desk.confirm("提交答复", "答复已提交")


def parts(row: Proposal) -> list[tuple[str, str, bool, str]]:
    """Unit, role, whether the government office gave it, how it ended; as given."""
    rows = Assignment.objects.filter(round__proposal=row).select_related("unit").order_by("pk")
    return [(part.unit.name, part.role, part.via_office, part.ended_as) for part in rows]


def replies(row: Proposal) -> list[tuple[str, str]]:
    """Unit and document number of each reply."""
    rows = Reply.objects.filter(assignment__round__proposal=row).select_related("assignment__unit").order_by("pk")
    return [(reply.assignment.unit.name, reply.document_no) for reply in rows]


def verbs(row: Proposal) -> list[str]:
    """What was done, in its order."""
    return list(row.events.order_by("pk").values_list("verb", flat=True))
