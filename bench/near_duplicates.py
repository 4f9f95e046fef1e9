"""Which titles of the real file of 2017 are on the same matter, judged by reading all of them."""

import csv
from pathlib import Path

FILE = Path(__file__).parents[2] / "shared" / "data" / "cixi_2017_npc_suggestions.csv"

# By their numbers in the file. "-" has no number; the second row of a number that occurs twice is marked so.
PAIRS = [
    # The same words.
    ("-", "31"), ("43", "221"), ("221 second", "284"),
    # Schools for the children of people from elsewhere.
    ("60", "111"), ("60", "128"), ("111", "128"),
    # The same line, benefit or network for another stop, town or side.
    ("162", "164"), ("42", "48"), ("11", "80"), ("54", "171"), ("89", "154"),
    # The same matter in other words.
    ("46", "200"), ("74", "283"), ("84", "88"), ("97", "126"), ("20", "27"), ("168", "186"), ("174", "246"),
    ("115", "247"), ("75", "182"), ("67", "277"), ("114", "333"), ("153", "165"), ("93", "225"), ("127", "141"),
    ("8", "226"), ("30", "112"),
]  # fmt: skip


def titles() -> dict[str, str]:
    """Return the titles of the file by their numbers. Raises OSError when it is not there."""
    found: dict[str, str] = {}
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            number = line["number"] or "-"
            found[f"{number} second" if number in found else number] = line["title"]
    return found
