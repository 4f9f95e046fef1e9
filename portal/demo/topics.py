"""What the made-up deputies propose: one topic is a title with its units, problem, request and answer."""

from __future__ import annotations

from dataclasses import dataclass

CATEGORIES = ("城建环保", "交通运输", "教科文卫", "农业农村", "财政经济", "社会民生", "政治法律", "其他")


@dataclass(frozen=True)
class Topic:
    """A matter that can be raised for any township; braces stand for {town}, {village}, {road}, {river}, {short}.

    ``lead`` and ``assist`` name units by their first alias; ``done`` is what the unit says it has begun.
    """

    category: str
    title: str
    lead: str
    assist: tuple[str, ...]
    problem: str
    ask: str
    done: str


def parse(category: str, text: str) -> list[Topic]:
    """Return the topics of a block: title, units, problem, request and answer on a line each, separated by a blank."""
    topics = []
    for block in text.strip().split("\n\n"):
        title, units, problem, ask, done = block.splitlines()
        lead, *assist = units.split()
        topics.append(Topic(category, title, lead, tuple(assist), problem, ask, done))
    return topics
