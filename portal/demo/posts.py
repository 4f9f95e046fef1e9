"""The posts to which the made-up standing committee appoints, and who puts them forward (组织法 50)."""

from __future__ import annotations

MAGISTRATE = "县长"
COURT, PROCURATORATE, SUPERVISION = "县人民法院院长", "县人民检察院检察长", "县监察委员会主任"
CHAIRPERSONS, SELF = "主任会议", "本人"

# Heads whom the standing committee decides on, proposed by the magistrate.
HEADS = (
    *("县人民政府办公室主任", "县发展和改革局局长", "县教育局局长", "县科学技术局局长", "县工业和信息化局局长"),
    *("县公安局局长", "县民政局局长", "县司法局局长", "县财政局局长", "县人力资源和社会保障局局长"),
    *("县自然资源和规划局局长", "县住房和城乡建设局局长", "县交通运输局局长", "县水利局局长", "县农业农村局局长"),
    *("县商务局局长", "县文化和旅游局局长", "县卫生健康委员会主任", "县退役军人事务局局长", "县应急管理局局长"),
    *("县审计局局长", "县市场监督管理局局长", "县林业局局长", "县城市管理局局长", "县医疗保障局局长"),
    "县数据和政务服务局局长",
)
VICE_MAGISTRATE = "县人民政府副县长"
LAY_JUDGE = "县人民法院人民陪审员"
JUDGE, PROCURATOR = "县人民法院审判员", "县人民检察院检察员"
COURT_VICE, COURT_COUNCIL = "县人民法院副院长", "县人民法院审判委员会委员"
DIVISIONS = ("立案庭", "刑事审判庭", "民事审判第一庭", "民事审判第二庭", "行政审判庭", "溪南人民法庭", "柳河人民法庭")
PROCURATORATE_VICE, PROCURATORATE_COUNCIL = "县人民检察院副检察长", "县人民检察院检察委员会委员"
SUPERVISION_VICE, SUPERVISION_MEMBER = "县监察委员会副主任", "县监察委员会委员"
# Of the committees and offices of the people's congress itself.
COMMITTEES = (
    *("县人大法制委员会副主任委员", "县人大财政经济委员会副主任委员", "县人大法制委员会委员"),
    *("县人大财政经济委员会委员", "县人大社会建设委员会委员", "县人大教育科学文化卫生委员会委员"),
)
STAFF = (
    *("县人大常委会办公室副主任", "县人大常委会代表工作委员会副主任", "县人大常委会城乡建设环境保护工作委员会副主任"),
    *("县人大常委会教科文卫工作委员会副主任", "县人大常委会云城街道工作委员会副主任"),
    "县人大常委会溪南街道工作委员会副主任",
)
COMMITTEE_MEMBER = "县人大常委会委员"
