"""The made-up county's handling units: name, short names, system, the letters of its document numbers."""

from __future__ import annotations

from typing import NamedTuple


class UnitRow(NamedTuple):
    """A handling unit; topics name it by its first alias."""

    name: str
    aliases: tuple[str, ...]
    system: str
    letters: str


def _rows(system: str, text: str) -> list[UnitRow]:
    rows = []
    for line in text.strip().splitlines():
        name, aliases, letters = line.split()
        rows.append(UnitRow(name, tuple(aliases.split("/")), system, letters))
    return rows


GOVERNMENT = """
县发展和改革局 发改局/县发改局 云发改
县教育局 教育局/教体局 云教
县科学技术局 科技局/县科技局 云科
县工业和信息化局 工信局/县工信局/经信局 云工信
县公安局 公安局 云公
县民政局 民政局 云民
县司法局 司法局 云司
县财政局 财政局 云财
县人力资源和社会保障局 人社局/县人社局 云人社
县自然资源和规划局 自规局/县自然资源局/国土局 云自然资
市生态环境局云溪分局 环保局/县生态环境局/生态环境分局 云环
县住房和城乡建设局 住建局/县住建局 云住建
县交通运输局 交通局/县交通局 云交
县水利局 水利局 云水
县农业农村局 农业农村局/农业局/县农业局 云农
县商务局 商务局 云商务
县文化和旅游局 文旅局/县文旅局/文广局 云文旅
县卫生健康委员会 卫健委/县卫健委/卫健局 云卫
县退役军人事务局 退役军人局/县退役军人局 云退役
县应急管理局 应急局/县应急局/安监局 云应急
县审计局 审计局 云审
县市场监督管理局 市场监管局/县市场监管局 云市监
县林业局 林业局 云林
县城市管理局 城管局/县城管局/综合执法局 云城管
县医疗保障局 医保局/县医保局 云医保
县数据和政务服务局 数政局/县政务服务局 云数政
县信访局 信访局 云信
县统计局 统计局 云统
"""
PARTY = """
县委组织部 组织部 云组
县委宣传部 宣传部 云宣
县委政法委 政法委 云政法
县委社会工作部 社工部 云社工
县总工会 总工会 云工
共青团云溪县委 团县委 云青
县妇女联合会 妇联/县妇联 云妇
县残疾人联合会 残联/县残联 云残
"""
JUDICIAL = """
县人民法院 法院/县法院 云法
县人民检察院 检察院/县检察院 云检
"""
ENTERPRISES = """
县供电公司 供电公司 云电
县水务集团 水务集团/自来水公司 云水务
县公共交通公司 公交公司 云公交
"""
TOWNSHIPS = """
云城街道办事处 云城街道 云城办
溪南街道办事处 溪南街道 溪南办
柳河镇人民政府 柳河镇 柳政
"""
UNITS = [
    *_rows("政府部门", GOVERNMENT),
    *_rows("党委部门和群团", PARTY),
    *_rows("法院、检察院", JUDICIAL),
    *_rows("企事业单位", ENTERPRISES),
    *_rows("乡镇、街道", TOWNSHIPS),
]
