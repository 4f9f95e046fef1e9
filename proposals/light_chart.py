"""The lights of a year as one stacked bar for each month. Pure: whole numbers for the drawing, words and links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from proposals.queries.oversight import PART_LIGHTS

# The drawing in units of its own view box; the style sheet scales it to the page.
WIDTH, HEIGHT = 720, 230
LEFT, BOTTOM, TOP = 30, 24, 20
BAR = 34
# A label needs this much of a segment.
LABEL = 13
# What is drawn with a pattern of the drawing's own, and not in a plain colour.
PATTERNED = {"late", "yellow", "red"}
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 100000)


def light_chart(counts: Mapping[tuple[int, str], int], url: Callable[[int, str], str]) -> dict[str, Any]:
    """Return the chart of ``lights_by_month``; ``url`` leads from a month (0: all) and a light to the rows counted."""
    totals = {month: sum(counts.get((month, light), 0) for light in PART_LIGHTS) for month in range(1, 13)}
    most = max(totals.values())
    step = next(step for step in STEPS if step * 4 >= most or step == STEPS[-1])
    top = step * max(1, -(-most // step))
    room = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT) // 12

    def fill(light: str) -> str:
        return f"url(#lights-{light})" if light in PATTERNED else ""

    def height(n: int) -> int:
        return n * room // top

    def month_bar(month: int) -> dict[str, Any]:
        x, below, segments = LEFT + (month - 1) * slot + (slot - BAR) // 2, 0, []
        for light, words in PART_LIGHTS.items():
            n = counts.get((month, light), 0)
            if n:
                base, below = height(below), below + n
                tall = height(below) - base
                y = HEIGHT - BOTTOM - base - tall
                segments.append(
                    {
                        "light": light, "words": f"{month}月{words} {n} 件次", "n": n, "url": url(month, light), "x": x,
                        "fill": fill(light),
                        "y": y, "height": tall, "label_y": y + tall // 2 + 4 if tall >= LABEL else 0,
                    }
                )  # fmt: skip
        return {
            "month": month,
            "segments": segments,
            "total": totals[month],
            "x": x,
            "centre": x + BAR // 2,
            "total_y": HEIGHT - BOTTOM - height(totals[month]) - 5,
        }

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "bar": BAR,
        "floor": HEIGHT - BOTTOM,
        "foot": HEIGHT - 7,
        "months": [month_bar(month) for month in totals],
        "lines": [
            {"n": n, "y": HEIGHT - BOTTOM - height(n), "label_y": HEIGHT - BOTTOM - height(n) + 4}
            for n in range(0, top + 1, step)
        ],
        "legend": [
            {"light": light, "words": words, "n": _sum(counts, light), "url": url(0, light), "fill": fill(light)}
            for light, words in PART_LIGHTS.items()
        ],
        "table": [
            {"month": month, "cells": [_cell(counts, month, light, url) for light in PART_LIGHTS], "total": total}
            for month, total in totals.items()
        ],
        "total": sum(totals.values()),
    }


def _sum(counts: Mapping[tuple[int, str], int], light: str) -> int:
    return sum(n for (_, one), n in counts.items() if one == light)


def _cell(counts: Mapping, month: int, light: str, url: Callable[[int, str], str]) -> dict[str, Any]:
    n = counts.get((month, light), 0)
    return {"n": n, "url": url(month, light) if n else ""}
