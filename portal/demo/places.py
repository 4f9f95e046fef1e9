"""The made-up county: its townships, and what lies in them."""

from __future__ import annotations

from dataclasses import dataclass

PROVINCE_CODE = "9900"
PROVINCE_NAME = "澜江省"
CITY_CODE = "990000"
CITY_NAME = "东澜市"
COUNTY_CODE = "990100"
COUNTY_NAME = "云溪县"
# No real place has a code that begins with these digits.
CODE_PREFIX = "990"


@dataclass(frozen=True)
class Township:
    """A township with the places that titles and texts name.

    ``seats`` is the size of its delegation in the county's congress, ``own_seats`` that of its own congress; a street
    has none (组织法 8).
    """

    code: str
    name: str
    seats: int
    own_seats: int
    villages: tuple[str, ...]
    roads: tuple[str, ...]
    river: str

    @property
    def short(self) -> str:
        """The name without its kind, as delegations and schools are called: 青石镇 → 青石."""
        for kind in ("回族乡", "街道", "镇", "乡"):
            if self.name.endswith(kind):
                return self.name.removesuffix(kind)
        return self.name

    @property
    def areas(self) -> tuple[str, ...]:
        """Return what its deputy groups are called after: its villages, where it has deputies of its own."""
        return tuple(village.removesuffix("村") for village in self.villages) if self.own_seats else ("",)


def _township(code: str, name: str, seats: int, own_seats: int, *places: str) -> Township:
    villages, roads, river = places
    return Township(COUNTY_CODE + code, name, seats, own_seats, tuple(villages.split()), tuple(roads.split()), river)


TOWNSHIPS = [
    _township("001", "云城街道", 20, 0, "文昌社区 东门社区 新桥社区 锦绣社区", "云溪大道 文昌路 东门街", "云溪河"),
    _township("002", "溪南街道", 18, 0, "溪南社区 南苑社区 沙洲社区 望江社区", "滨江路 南苑路 迎宾大道", "云溪河"),
    _township("101", "青石镇", 17, 92, "青石村 上湾村 桃园村 石桥头村 枫树村 龙井村", "青石大道 桃园路", "青石河"),
    _township("102", "柳河镇", 17, 92, "柳河村 杨柳村 东岸村 渡口村 西岸村 沙田村", "柳河大道 渡口路", "柳河"),
    _township("103", "白鹭镇", 16, 92, "白鹭村 圩头村 荷塘村 新圩村 芦花村 莲子村", "白鹭大道 荷塘路", "白鹭湖"),
    _township("104", "双塘镇", 16, 92, "双塘村 上塘村 下塘村 南坡村 北坡村 樟树村", "双塘路 中兴街", "双塘港"),
    _township("105", "望湖镇", 16, 92, "望湖村 湖东村 长堤村 渔家村 湖西村 码头村", "望湖路 长堤路", "望湖"),
    _township("106", "石门镇", 16, 92, "石门村 关口村 岩下村 水口村 洞前村 高岩村", "石门路 关口街", "石门溪"),
    _township("107", "松岭镇", 16, 92, "松岭村 松坪村 半山村 油茶村 云峰村 泉水村", "松岭路 林场路", "松溪"),
    _township("108", "大坪镇", 15, 76, "大坪村 花屋村 坪上村 老街村 樟坪村", "大坪路 老街", "坪河"),
    _township("109", "杏林镇", 15, 76, "杏林村 药田村 杏花村 古井村 百草村", "杏林大道 药市街", "杏花溪"),
    _township("201", "竹溪乡", 14, 76, "竹溪村 竹山村 大湾村 纸坊村 竹园村", "竹溪路 纸坊路", "竹溪"),
    _township("202", "高桥乡", 14, 76, "高桥村 桥头村 茶岭村 横岗村 下桥村", "高桥路 茶岭路", "高桥河"),
    _township("203", "月牙回族乡", 14, 76, "月牙村 新月村 牧场村 沙坝村 湾里村", "月牙路 牧场路", "月牙河"),
]
# Deputies elected elsewhere but working in the county's own offices meet apart.
OFFICE_DELEGATIONS = [("县直机关第一", 18), ("县直机关第二", 18)]
OFFICE_GROUPS = tuple(f"县直机关第{number}" for number in "一二三四五")
CITY_SEATS, PROVINCE_SEATS = 46, 8
FIELD_GROUPS = [
    ("农业农村专业代表小组", 18),
    ("教科文卫专业代表小组", 18),
    ("城建环保专业代表小组", 16),
    ("财政经济专业代表小组", 16),
]
