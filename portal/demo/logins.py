"""The accounts with which a visitor tries the made-up county. For trial only: all their secrets are public."""

from __future__ import annotations

import time
from typing import NamedTuple

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from accounts.models import Administration, Role

DEMO_PASSWORD = "Yunxi@2026"  # noqa: S105 - published on purpose: it opens made-up data only
# For the authenticator app of whoever tries an administrator: those log in with a second factor, in a trial too.
DEMO_TOTP_SECRET = "YUNXI7DEMO7CODES"  # noqa: S105 - as public as the password


def phone_of(place: int) -> str:
    """Return the made-up phone of the demo account at a place of LOGINS, from 1: 13800000001 and so on."""
    return f"138{place:08}"


def code_now() -> str:
    """Return what an authenticator app with the published secret shows now."""
    return format_hotp_value(hotp_value(DEMO_TOTP_SECRET, int(time.time()) // 30))


class Login(NamedTuple):
    """A demo account; ``unit`` is a unit's first alias, ``township`` a township's name, ``committee`` a committee's."""

    username: str
    name: str
    role: Role | None
    title: str
    hint: str
    unit: str = ""
    township: str = ""
    committee: str = ""
    administers: str = ""


LOGINS = [
    Login("daigongwei", "张志远", Role.STAFF, "代表工委", "审查、并案、交办，审批退办，登记把关和重点督办"),
    Login("daigongwei2", "林晓燕", Role.STAFF, "代表工委", "与上一个账号同时办同一件，看系统怎样提示"),
    Login("zhuren", "陈国梁", Role.LEADER, "常委会领导", "看总览和逾期督办，打开任一数字看明细"),
    Login("zhengfuban", "赵敏", Role.GOV_OFFICE, "政府办", "分办交来的一件，看已交办事项的进度和逾期单位"),
    Login(
        "jiaoyuju",
        "孙丽",
        Role.UNIT,
        "承办单位（县教育局）",
        "签收、申请退办、登记联系、答复；有逾期和将到期的",
        unit="教育局",
    ),
    Login(
        "jiaotongju",
        "周强",
        Role.UNIT,
        "承办单位（县交通运输局）",
        "并案的两件分别答复，办理不满意后的第二轮",
        unit="交通局",
    ),
    Login("weijianju", "何静", Role.UNIT, "承办单位（县卫生健康委员会）", "今天到期的签收和答复", unit="卫健委"),
    Login(
        "daibiao1",
        "李春梅",
        Role.DEPUTY,
        "代表（云城街道小组组长）",
        "手机上提出建议、邀请联名、评价；登记小组活动；看跟踪三年的校车议案",
        township="云城街道",
    ),
    Login(
        "daibiao2", "阿卜杜拉·买买提", Role.DEPUTY, "代表", "评价答复：选不满意会开始第二轮办理", township="溪南街道"
    ),
    Login("daibiao3", "王建军", Role.DEPUTY, "代表", "答复联名邀请，继续写草稿，查看本人全部建议", township="青石镇"),
    Login(
        "qingshi",
        "吴军",
        Role.TOWNSHIP,
        "乡镇人大（青石镇）主席，也是县人大代表",
        "看本乡镇代表团代表的建议和名册；从右上角切换到代表身份",
        township="青石镇",
    ),
    Login(
        "jiaokewei",
        "郑雪梅",
        Role.COMMITTEE,
        "专委会（教科文卫工作委员会）",
        "只看本委对口督办的建议，催办逾期的",
        committee="教科文卫工作委员会",
    ),
    Login(
        "guanliyuan",
        "系统管理员",
        None,
        "系统管理员",
        "开设账号、维护人大和节假日；不参与业务",
        administers=Administration.SYSTEM,
    ),
    Login(
        "anquanyuan",
        "安全管理员",
        None,
        "安全管理员",
        "给账号登记身份，指定管理员；不开账号，不参与业务",
        administers=Administration.SECURITY,
    ),
    Login(
        "shenjiyuan", "审计管理员", None, "审计管理员", "查看审计记录；别的都看不到", administers=Administration.AUDIT
    ),
]
