"""Where the user wants to be reminded outside the portal."""

from __future__ import annotations

from typing import Any

from django import forms

from notices.models import Address, Channel
from notices.services import Wish

ROBOT = "在群设置里添加群机器人，把它的 Webhook 地址整段复制到这里；群里的人都会看到提醒内容"
LONGEST = 500


def _text(label: str, help_text: str) -> forms.CharField:
    too_long = f"请不要超过 {LONGEST} 个字符。"
    return forms.CharField(
        label=label, required=False, max_length=LONGEST, help_text=help_text, error_messages={"max_length": too_long}
    )


class AddressesForm(forms.Form):
    """One address for each channel; an empty one gives the channel up."""

    email = _text("电子邮件地址", "不填就不发邮件")
    email_on = forms.BooleanField(label="发到这个邮箱", required=False)
    wecom = _text("企业微信群机器人地址", ROBOT)
    wecom_on = forms.BooleanField(label="发到这个企业微信群", required=False)
    dingtalk = _text("钉钉群机器人地址", ROBOT)
    dingtalk_secret = _text("钉钉加签密钥", "机器人开启了“加签”才需要填写；已经填写过的，留空就沿用")
    dingtalk_on = forms.BooleanField(label="发到这个钉钉群", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField):
                field.widget.attrs |= {
                    "autocomplete": "email" if name == Channel.EMAIL else "off",
                    "spellcheck": "false",
                }

    @staticmethod
    def initial_of(addresses: dict[str, Address], email: str) -> dict[str, Any]:
        """Return what the form opens with: what is kept; for e-mail, if nothing is, the account's address as an offer."""
        found: dict[str, Any] = {Channel.EMAIL.value: email}
        for channel, row in addresses.items():
            found |= {channel: row.address, f"{channel}_on": row.is_active}
        return found

    @property
    def wishes(self) -> dict[str, Wish]:
        """What the service is given of a valid form."""
        data = self.cleaned_data
        return {
            channel.value: Wish(data[channel], data[f"{channel}_on"], data.get(f"{channel}_secret", ""))
            for channel in (Channel.EMAIL, Channel.WECOM, Channel.DINGTALK)
        }
