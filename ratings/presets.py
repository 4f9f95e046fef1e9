"""The scales that offices use: what may be ticked, what it is worth, what counts as approval."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ABSTAIN = "弃权"


@dataclass(frozen=True)
class ScaleLevel:
    """One thing to tick. ``points`` make the score; an abstention counts neither for the rate nor for the score."""

    label: str
    points: Decimal = Decimal(0)
    is_approval: bool = False
    is_abstention: bool = False


@dataclass(frozen=True)
class Scale:
    """An ordered list of levels and the name of the rate that its approvals make."""

    code: str
    rate_name: str
    levels: tuple[ScaleLevel, ...]

    @property
    def label(self) -> str:
        return "／".join(level.label for level in self.levels)

    @property
    def explained(self) -> str:
        """The levels with their points, and what the rate counts."""
        points = "、".join(f"{level.label} {level.points.normalize():f} 分" for level in self.levels)
        approvals = "、".join(level.label for level in self.levels if level.is_approval)
        return f"{points}；{approvals}计入{self.rate_name}"

    def with_abstention(self) -> tuple[ScaleLevel, ...]:
        return (*self.levels, ScaleLevel(ABSTAIN, is_abstention=True))


def _scale(code: str, rate_name: str, *levels: tuple[str, int, bool]) -> Scale:
    return Scale(code, rate_name, tuple(ScaleLevel(label, Decimal(points), good) for label, points, good in levels))


SCALES = {
    scale.code: scale
    for scale in (
        _scale("satisfaction", "满意率", ("满意", 100, True), ("基本满意", 60, True), ("不满意", 0, False)),
        _scale(
            "competence",
            "称职率",
            ("优秀", 100, True),
            ("称职", 80, True),
            ("基本称职", 60, False),
            ("不称职", 0, False),
        ),
        _scale("quality", "好评率", ("好", 100, True), ("较好", 80, True), ("一般", 60, False), ("差", 0, False)),
    )
}
