"""What the made-up deputies did: topics and contents of activities and of what they enter themselves."""

from __future__ import annotations

from typing import NamedTuple


class Deed(NamedTuple):
    """Something done: the type in the ledger, its topic, what is written of it. Braces stand for places.

    A topic of the country is marked with an asterisk in the texts below.
    """

    type: str
    topic: str
    content: str
    suggestions: int = 0
    is_rural: bool = False


def _deeds(kind: str, text: str) -> list[Deed]:
    deeds = []
    for line in text.strip().splitlines():
        topic, content, *more = line.split("|")
        deeds.append(Deed(kind, topic.lstrip("*"), content, int(more[0]) if more else 0, topic.startswith("*")))
    return deeds


MEETINGS = """
学习人民代表大会制度理论和代表法|集中学习修改后的代表法，交流学习体会
第一季度小组活动：商定全年计划|讨论通过小组全年活动计划，明确联系群众分工
讨论{town}民生实事候选项目|对民生实事候选项目逐项讨论，提出修改意见|1
走访{village}选民|分组走访选民，记录意见，能答复的当场答复|1
开展“逢六进站”集中接待|小组代表集中进站接待群众，整理意见分类转交|1
回访去年所提建议办理情况|对照答复逐件回访，听取群众评价
*参加{village}屋场夜话|与村民面对面交流，宣讲政策，收集意见|1
交流联系群众情况|逐人交流联系群众情况，汇总需要协调的事项
讨论提请人代会的建议选题|逐条讨论建议选题，合并同类项，确定领衔代表|1
开展“代表在行动”主题活动|认领实事项目，约定完成时间
*组织代表旁听{village}村民代表会议|旁听村级重大事项表决，指导规范议事程序
年终总结和评议代表履职情况|小组代表逐人汇报全年履职，开展互评
"""
INSPECTIONS = """
*视察{village}高标准农田建设|实地察看沟渠和机耕路，听取施工单位汇报，提出意见|1
视察{short}中心小学食堂和校园安全|查看食堂进货台账和消防设施，与家长代表座谈|1
视察{short}卫生院改扩建工程|察看工程进度，了解药品配备和医师坐诊情况
视察{river}水环境治理|沿河察看排污口整治，听取河长汇报|1
*视察{town}农村生活垃圾治理|抽查收集点和中转站，问卷调查村民满意度|1
检查安全生产法实施情况|随机抽查企业{n}家，指出隐患并限期整改
检查食品安全法实施情况|抽查小餐饮和农村集市，听取监管部门汇报|1
视察{town}民生实事项目进展|对照目标逐项察看，提出加快进度的意见
视察{road}管网改造|察看施工现场，听取沿街群众意见|1
*视察{village}防汛备汛|检查山塘水库和物资储备，督促补充值守人员
*检查农村供水管理情况|抽查水厂和末端水质，查阅检测记录|1
*视察{village}和美乡村建设|察看村容村貌和公厕管护，与村干部座谈
"""
STUDIES = """
*调研{village}集体经济发展|走访合作社和农户，形成调研报告1份|1
调研{town}养老助餐服务|走访助餐点和老人家庭，分析运营缺口|1
*调研{town}茶叶和果蔬产业|走访种植户{n}户，座谈加工和销售难点|1
调研基层医疗服务能力|走访卫生室，了解用药和报销情况|1
*调研农村公路管护|踏勘通村路，测算养护资金缺口|1
调研{town}小微企业用工和融资|走访企业{n}家，梳理共性问题|1
"""
# What deputies enter themselves, or have entered for them.
SOLVED_QUARRELS = """
*调解{village}{n}组相邻排水纠纷|会同村调解委员会三次上门，双方签订协议
*调解{village}土地承包边界争议|到场丈量，查对台账，双方确认界址
调解{village}务工人员工资纠纷|联系用工企业，工资一次付清
调解{village}一户家庭赡养矛盾|召集子女协商，约定轮流照料
调解{village}邻里噪声纠纷|上门劝解，约定作息时间
调解{road}商铺租赁纠纷|协商减免一个月租金，续签合同
*调解{village}林地补偿分歧|解释补偿标准，促成各方签字
"""
HELPED = """
走访慰问{village}困难户|送去米、油和慰问金，了解就医情况
*帮扶{village}脱贫户发展养殖|提供鸡苗和技术指导，联系销路
资助{village}一名困难学生|资助学费，联系学校减免住宿费
*为{village}独居老人修缮房屋|出资修补屋面，更换电线
帮助{village}残疾人申请辅具|协助填表，辅具送到家中
介绍{village}务工人员就业|介绍到县内企业上岗
"""
DONE = """
*协调修复{village}{n}组入户路|协调资金和劳力，路面硬化完成
*协调解决{village}季节性缺水|联系水利站架设临时水管
推动安装{road}路灯|多次联系主管部门，路灯已亮
为{village}争取文化广场器材|器材安装到位，投入使用
*推动{village}危桥设置限行标志|标志和限高杆已安装
*帮助{village}销售滞销农产品|联系单位食堂和电商，销售一空
推动整治{village}乱堆乱放|组织群众清理，落实门前三包
协调解决{road}停车难|联系城管部门增划车位
"""
GIVEN = """
参加{town}敬老志愿服务|为老人理发、义诊、包饺子
为{short}中心小学捐赠图书|捐赠图书，设立读书角
参加无偿献血|献血400毫升
参加{river}护河志愿行动|清理河岸垃圾
向{village}老年食堂捐款|捐款用于冬季取暖
"""
RECEIVED = """
走访联系{village}选民|走访联系户，记录意见，已转交联络站
在{village}收集群众对医保的意见|整理意见，向医保部门反映|1
接听选民来电并回访|对反映的出行问题到场查看后回复
*参加{village}院坝会听取意见|与群众交流产业和用水问题|1
"""
OTHER_MEETINGS = """
列席{town}党政联席会议|就民生实事安排发表意见
参加县政府工作报告征求意见座谈会|对农村教育、医疗提出意见|1
参加县人民法院庭审旁听|旁听公开庭审并填写评议表
参加县人民检察院公开听证会|作为听证员发表意见
参加部门工作评议会|对部门履职情况填写测评表
参加价格听证会|就水价调整方案发表意见
"""
TRAINING = """
自学代表履职线上课程|完成课程{n}讲
参加人大讲堂|听取预算审查监督专题讲座
*自学乡村振兴促进法|写读书笔记1篇
"""
OTHER = """
撰写代表履职体会文章|在县人大工作简报刊用
担任{short}中学法治宣传员|到校宣讲宪法
参加{town}换届选举观察|到投票站察看组织情况
参加民主评议基层站所|对站所服务打分并提意见
"""
LISTENING = """
列席常委会会议，听取专项工作报告|就报告发表审议意见
列席常委会会议，参加分组审议|结合走访情况发言|1
"""
REPORTS = (
    "向原选区选民报告履职情况，口头报告并接受测评",
    "向{village}选民代表书面报告履职情况",
    "在{town}代表联络站报告履职情况，回答选民提问",
)
ACTIVITIES = [*_deeds("小组活动", MEETINGS), *_deeds("视察调研执法检查", INSPECTIONS), *_deeds("专题调研", STUDIES)]
# What is entered one by one, with how often it is in a year.
ENTERED = [
    (200, _deeds("视察调研执法检查", INSPECTIONS)),
    (120, _deeds("专题调研", STUDIES)),
    (160, _deeds("化解矛盾纠纷", SOLVED_QUARRELS)),
    (150, _deeds("扶弱济困", HELPED)),
    (170, _deeds("办好事实事", DONE)),
    (70, _deeds("公益慈善", GIVEN)),
    (100, _deeds("接待选民", RECEIVED)),
    (80, _deeds("其他会议", OTHER_MEETINGS)),
    (60, _deeds("学习培训", TRAINING)),
    (40, _deeds("其他", OTHER)),
]
OBSERVED = _deeds("列席常委会", LISTENING)
