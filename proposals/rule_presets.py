"""The rules of handling that are shipped: eleven regulations, each checked against its text where that is at hand.

Keys are the fields of ``HandlingRules``; what a regulation does not speak of is left out. Articles stand beside the
values. An amount is followed by its unit: ``WD`` working days, ``D`` calendar days, ``M`` months.
"""

from __future__ import annotations

from proposals.models import Afterwards, Approver, CosignerReply

RULES: list[dict[str, str | bool]] = [
    {
        "code": "national_2025",
        "name": "全国（2025）",
        "basis": "《全国人民代表大会和地方各级人民代表大会代表法》（2025年）第五十一条",
        "reply": "3M",  # 51
        "reply_complex": "6M",  # 51
    },
    {
        "code": "qingdao_2021",
        "name": "青岛市（2021）",
        "basis": "《青岛市人民代表大会代表建议、批评和意见工作条例》（2021年）",
        "assign_recess": "5WD",  # 14
        "return_request": "5WD",  # 19
        "assist_opinion": "1M",  # 24
        "reply": "3M",  # 25
        "extend_max": "6M",  # 25
        "extend_approver": Approver.COMMISSION,  # 25
        "cosigner_reply": CosignerReply.LEAD,  # 28
        "informal_opinion_reply": "1M",  # 32
        "annual_report": "每年第四季度",  # 37
    },
    {
        "code": "shandong_2017",
        "name": "山东省（2017）",
        "basis": "《山东省人民代表大会代表建议、批评和意见办理工作条例》（2017年）",
        "assign_recess": "5D",  # 10
        "return_request": "5D",  # 12
        "reply": "3M",  # 19
        "extend_max": "6M",  # 19
        "extend_approver": Approver.ASSIGNER,  # 19
        "cosigner_reply": CosignerReply.EACH,  # 20
        "assist_opinion": "1M",  # 21
        "rehandle": "1M",  # 24
    },
    {
        "code": "shanghai_2015",
        "name": "上海市（2015）",
        "basis": "《上海市人民代表大会关于代表建议、批评和意见的规定》（2015年）",
        "withdrawal_needs_consent": True,  # 10
        "assign_recess": "7WD",  # 11
        "return_request": "7WD",  # 14
        "assign_session": "1M",  # 15: the meeting that hands over what was submitted at the session
        "assist_opinion": "1M",  # 17
        "reply": "3M",  # 19
        "extend_by_max": "3M",  # 19
        "extend_approver": Approver.COMMISSION,  # 19
        "cosigner_reply": CosignerReply.EACH,  # 20
        "rehandle": "1M",  # 21
        "annual_report": "每年年中和年末",  # 24
    },
    {
        "code": "zhejiang_2016",
        "name": "浙江省（2016）",
        "basis": "《浙江省人民代表大会代表建议、批评和意见办理的规定》（2016年）",
        "accept_notice": "7D",  # 10
        "return_request": "10D",  # 14
        "assist_opinion": "2M",  # 18
        "reply": "3M",  # 21
        "extend_max": "6M",  # 21
        "extend_approver": Approver.ASSIGNER,  # 21
        "cosigner_reply": CosignerReply.EACH,  # 22
        "rehandle": "1M",  # 24
    },
    {
        "code": "chongqing_2017",
        "name": "重庆市（2017）",
        "basis": "《重庆市人民代表大会代表建议批评和意见工作条例》（2017年）",
        "assign_recess": "10WD",  # 13
        "return_request": "10WD",  # 16
        "reassign": "10WD",  # 16
        "contact_deputy": "20WD",  # 18
        "assist_opinion": "30WD",  # 20
        "assist_redo": "5WD",  # 20
        "reply": "3M",  # 21
        "reply_complex": "6M",  # 21
        "cosigner_reply": CosignerReply.EACH,  # 23
        "commitment_report": "每年第四季度",  # 24
        "feedback": "20WD",  # 27
        "rehandle": "2M",  # 27
        "second_time": Afterwards.STUDY,  # 27
        "commitment_feedback": "20WD",  # 28
        "annual_report": "每年十一月",  # 34
    },
    {
        "code": "henan_2017",
        "name": "河南省（2017）",
        "basis": "《河南省人民代表大会代表建议、批评和意见办理办法》（2017年）",
        "return_request": "10WD",  # 14
        "reassign": "10WD",  # 14
        "assist_opinion": "2M",  # 18
        "reply": "3M",  # 20
        "reply_complex": "6M",  # 20
        "cosigner_reply": CosignerReply.EACH,  # 21
        "feedback": "10WD",  # 22
        "rehandle": "1M",  # 22
        "second_time": Afterwards.STUDY,  # 22
        "annual_report": "每年8月31日前",  # 28
    },
    {
        "code": "beijing_2014",
        "name": "北京市（2014）",
        "basis": "《北京市人民代表大会代表建议、批评和意见办理条例》（2014年）",
        "reply": "3M",  # 21
        "extend_max": "6M",  # 21
        "extend_approver": Approver.ASSIGNER,  # 21
        "feedback": "15WD",  # 23
        "rehandle": "2M",  # 27
    },
    # The last three are known from excerpts only: their articles are not at hand.
    {
        "code": "pingjiang_hunan",
        "name": "平江县（湖南）",
        "basis": "平江县人大办法（网页摘录），征询意见表交领衔代表填写",
        "return_request": "10D",
        "feedback": "10D",
    },
    {
        "code": "yulin_2019",
        "name": "玉林市（2019）",
        "basis": "玉林市人民政府办公室通知（玉政办电〔2019〕11号），逾期申请退办的不再调整",
        "return_request": "7WD",
    },
    {
        "code": "fujian_old",
        "name": "福建省（旧）",
        "basis": "福建省有关规定（网页摘录）",
        "assist_opinion": "1M",
        "reply": "3M",
        "extend_by_max": "3M",
    },
]
