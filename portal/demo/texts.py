"""The wording of the made-up papers: titles, bodies, contacts, replies and opinions."""

from __future__ import annotations

import random
from dataclasses import dataclass

from portal.demo.places import Township
from portal.demo.topics import Topic

OPENINGS = (
    "近期走访选民时，不少群众反映，",
    "代表小组集中视察期间了解到，",
    "据{town}代表联络站接待登记，",
    "经实地调研，",
    "在代表接待日活动中，居民集中反映，",
    "",
)
CLOSINGS = ("以上建议，请予研究办理。", "群众对此期盼已久，希望有关部门重视。", "", "")
LONG_TITLE = "关于统筹推进{town}滨水片区老旧小区改造、雨污分流、公共停车场和社区养老托育设施一体化建设并建立长效管护经费保障机制的建议"
REASONS = (
    "该事项涉及国土空间规划调整和永久基本农田保护，须报上级批准",
    "所需资金数额较大，本级财力近期难以安排",
    "上级对该项标准有统一规定，县级没有调整权限",
    "用地和征迁条件尚未成熟，部分权属还存在争议",
)
# By phase of the handling (办理前、办理中、办理后) and way.
CONTACT_SUMMARIES = {
    "before": {
        "phone": ("电话告知代表本件由我单位承办和经办人姓名，听取代表对办理的想法。", "电话与代表约定上门时间。"),
        "visit": ("上门听取代表意见，请代表说明建议的重点和群众的具体诉求。",),
    },
    "during": {
        "visit": (
            "上门听取代表意见，介绍了前期工作情况，代表建议尽快拿出时间表。",
            "与代表一同到现场查看，就解决办法交换了意见。",
            "到代表所在村走访，代表补充说明了群众的具体要求。",
        ),
        "meeting": (
            "召开座谈会，邀请代表和群众代表参加，逐条研究了建议内容。",
            "邀请代表到单位座谈，协办单位一并到会。",
        ),
        "phone": ("电话向代表报告办理思路，代表表示认可。", "电话与代表沟通，约定答复前再到现场查看。"),
    },
    "after": {
        "phone": ("电话回访代表，代表表示已收到答复，对办理情况没有其他意见。",),
        "visit": ("登门送达答复函并当面说明，代表希望继续通报后续进展。", "与代表回访现场，查看措施落实情况。"),
    },
}
OPINIONS_SATISFIED = ("", "", "", "办理认真，群众看到了变化。", "沟通及时，同意答复意见。", "")
OPINIONS_BASICALLY = ("已有进展，希望加快后续工程。", "希望明确完成时间。", "基本同意，请继续跟踪落实。")
OPINIONS_DISSATISFIED = (
    "答复只讲了计划，没有具体措施和时间，群众反映的问题仍然存在。",
    "现场情况没有改变，请到实地看后重新研究。",
    "只答复了其中一条，其余两条没有回应。",
)
RETURN_REASONS = (
    "请补充具体地点和涉及的群众户数后再提交。",
    "本件包含三个互不相关的事项，请按一事一案分别提出。",
    "请写明希望解决的具体问题和建议措施。",
)
REFUSED = [
    ("关于解决本人宅基地相邻纠纷的建议", "personal", "请通过人民调解或者诉讼途径解决。"),
    ("关于转交{village}群众来信的建议", "forwarded", "已转县信访局按信访程序办理。"),
    ("关于{road}拆迁补偿案件尽快改判的建议", "judicial", "案件正在审理，人大代表不宜就具体案件提出建议。"),
    ("关于调整省道收费标准的建议", "jurisdiction", "属于上级职权，可以通过上级人大代表提出。"),
]


@dataclass(frozen=True)
class Paper:
    """One proposal as its deputy wrote it, with the topic that its units answer to."""

    topic: Topic
    town: Township
    words: dict[str, str]
    title: str
    body: str
    grounds: str = ""
    plan: str = ""


def write(
    topic: Topic, town: Township, rng: random.Random, *, parts: tuple[str, str] | None = None, title: str = ""
) -> Paper:
    """Return a proposal on a topic in a township; with ``parts``, its grounds and plan, a bill."""
    words = {
        "town": town.name,
        "short": town.short,
        "river": town.river,
        "village": rng.choice(town.villages),
        "road": rng.choice(town.roads),
    }
    title = (title or topic.title).format(**words)
    opening = rng.choice(OPENINGS)
    if parts:
        subject = f"{opening}{topic.problem}。".format(**words)
        return Paper(topic, town, words, title.removesuffix("的建议") + "的议案", subject, *parts)
    body = f"{opening}{topic.problem}。\n为此，建议：{topic.ask}。\n{rng.choice(CLOSINGS)}".format(**words).strip()
    return Paper(topic, town, words, title, body)


def reply_body(
    paper: Paper, *, deputy: str, signers: int, unit: str, outcome: str, month: int, again: bool, rng: random.Random
) -> str:
    """Return a reply in the usual form: address, what was done, what follows from the outcome, thanks."""
    town, done = paper.words["town"], paper.topic.done.format(**paper.words)
    first = "我单位高度重视，主要负责同志专题研究，明确专人承办，并与您作了沟通。"
    if again:
        first = "您对上一轮答复提出意见后，我单位立即到现场重新核查，调整了办理方案。"
    if outcome == "A":
        second = f"{done}。目前上述措施已经落实到位，您反映的问题已经解决。"
        third = f"下一步，我单位将会同{town}加强日常管理，定期回访，防止问题反弹。"
    elif outcome == "B":
        ready = f"{month + 4}月底" if month <= 8 else "明年上半年"
        second = f"{done}。其余事项已列入工作计划，正在按时间节点推进，预计{ready}前完成。"
        third = "下一步，我单位将建立台账、挂图推进，每季度向您通报一次进展情况。"
    elif outcome == "C":
        second = f"{done}。由于{rng.choice(REASONS)}，您建议的其余事项目前暂不具备实施条件，请予理解。"
        third = "我单位已将您的建议记录在案，待条件成熟时优先研究，其间先采取力所能及的措施缓解矛盾。"
    else:
        second = f"{done}。您的建议对我们很有启发，我单位将在今后工作中认真参考。"
        third = "有关情况将及时向您报告。"
    whom = f"{deputy}等{signers}名代表" if signers > 1 else f"{deputy}代表"
    body = (
        f"{whom}：\n\n您提出的《{paper.title}》收悉，现答复如下：\n\n一、{first}\n\n二、{second}\n\n三、{third}\n\n"
        f"感谢您对{unit}工作的关心和支持，欢迎继续提出宝贵意见。"
    )
    return body.replace("您", "你们") if signers > 1 else body
