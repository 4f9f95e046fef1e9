"""Stations and homes, whom they received and what was brought forward."""

from __future__ import annotations

from reports.definitions.headings import STATIONS
from reports.figures import Count, Figure

STATION_FIGURES: tuple[Figure, ...] = (
    Count(
        code="stations",
        name="联络站数",
        unit="个",
        heading=STATIONS,
        register="stations",
        where={"home": False},
        definition="到统计日登记的联络站，含园区站、流动站、采集站，不含代表之家。",
    ),
    Count(
        code="homes",
        name="代表之家数",
        unit="个",
        heading=STATIONS,
        register="stations",
        where={"home": True},
        definition="到统计日登记的代表之家。",
    ),
    Count(
        code="receptions",
        name="接待群众人次",
        unit="人次",
        heading=STATIONS,
        register="receptions",
        definition="日期在本年度内的接待登记，一位来访人反映一个事项计一人次。",
    ),
    Count(
        code="opinions",
        name="群众意见数",
        unit="件",
        heading=STATIONS,
        register="opinions",
        definition="提出日期在本年度内的群众意见（社情民意），含接待时记下的。",
    ),
    Count(
        code="opinions-settled",
        name="群众意见办结数",
        unit="件",
        heading=STATIONS,
        register="opinions",
        where={"settled": True},
        definition="群众意见数中到统计日已经回告的，以及当场答复或解释说明的。",
    ),
)
