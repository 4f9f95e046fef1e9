"""A real browser on a real server: Debian's Chromium driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_django
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from accounts.models import User
from tests import factories as make
from tests.standing import STANDING
from tests.world import World, build_world

# Playwright keeps an event loop in this thread; Django would take it for an asynchronous caller of the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1400, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path() -> str | None:
    """Return the browser that `script/test` found, or the first on PATH."""
    return os.environ.get("PORTAL_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("持续集成必须有浏览器：apt-get install chromium fonts-noto-cjk")
        pytest.skip("没有浏览器：apt-get install chromium fonts-noto-cjk")
    # As long as Playwright's event loop runs, this thread has another connection to the database.
    with django_db_blocker.unblock():
        STANDING.only(())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        with django_db_blocker.unblock():
            STANDING.only(())


class Visitor:
    """One person at one screen. Every complaint of the browser's console is kept."""

    def __init__(self, browser: Browser, base_url: str, viewport: dict[str, int], shots: Path) -> None:
        self.context = browser.new_context(
            viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=base_url
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.shots = shots
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({self.page.url})")

    def log_in(self, user: User) -> Page:
        """Come in by the log-in page, as people do."""
        user.set_password(make.PASSWORD)
        user.save()
        self.page.goto("/accounts/login/")
        self.page.get_by_label("用户名").fill(user.username)
        self.page.locator("input[type=password]").fill(make.PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return self.page

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page, for people to look at."""
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)

    def fits_the_screen(self) -> bool:
        """Say whether nothing sticks out to the right."""
        return self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def visit(chromium: Browser, live_server: object) -> Iterator[Callable[..., Visitor]]:
    """Open a browser window for one more person."""
    visitors: list[Visitor] = []
    shots = Path(settings.VAR) / "screenshots"

    def open_window(viewport: dict[str, int] = DESK) -> Visitor:
        visitors.append(Visitor(chromium, live_server.url, viewport, shots))
        return visitors[-1]

    yield open_window
    for visitor in visitors:
        visitor.context.close()


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()
