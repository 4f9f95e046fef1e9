"""Group robots of WeCom and DingTalk: a POST with a little Markdown, answered by an error code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote_plus, urlsplit

import requests
import urllib3
from django.conf import settings

from notices.channels.parcels import NotSent, Parcel, ServerGone, link, rest
from notices.rules import why_webhook_refused

MOST_ANSWER_BYTES = 64 * 1024
# WeCom cuts Markdown after 4096 bytes; DingTalk takes more, but says the same.
MOST_BYTES = 4000
# Too many messages in a minute, or busy: a later try helps. Anything else somebody has to mend.
BUSY = {-1, 45009, 45033, 130101, 410100, 430103}
# What means something in Markdown is written by its wide twin: titles are text that somebody typed.
PLAIN = str.maketrans("[]()<>*`#\\\n\r", "［］（）＜＞＊｀＃＼  ")


class Robot:
    """Sends to the robots of one kind."""

    label = ""

    def server_of(self, parcel: Parcel) -> str:
        """Return the host that is down together with this parcel's way."""
        return urlsplit(parcel.address).netloc

    def close(self) -> None:
        """Nothing is kept open."""

    def address(self, parcel: Parcel) -> str:
        """Return where the parcel is posted."""
        return parcel.address

    def payload(self, parcel: Parcel) -> dict[str, Any]:
        """Return what is posted."""
        raise NotImplementedError

    def send(self, parcel: Parcel) -> None:
        """Post one message. Raises NotSent for this one, ServerGone when the host does not answer.

        Where the host stands is checked once more: the setting may have changed since the address was kept.
        """
        if why := why_webhook_refused(parcel.address, settings.WEBHOOK_HOSTS):
            raise NotSent(why, again=False)
        try:
            with requests.post(
                self.address(parcel),
                json=self.payload(parcel),
                timeout=settings.WEBHOOK_TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                said = answer.raw.read(MOST_ANSWER_BYTES, decode_content=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise ServerGone(f"{self.label}的服务器没有应答（{type(error).__name__}）。") from error
        self._judge(answer.status_code, said)

    def _judge(self, status: int, said: bytes) -> None:
        if status != 200:
            again = status == 429 or status >= 500
            raise NotSent(f"{self.label}的服务器没有接受（HTTP {status}）。", again=again)
        try:
            answer = json.loads(said)
            code, words = int(answer["errcode"]), str(answer.get("errmsg", ""))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise NotSent(f"{self.label}的服务器答复看不懂，不能确定是否送达。", again=True) from error
        if code != 0:
            # Half a surrogate pair, which JSON can say, is no text that could be kept.
            words = words.encode(errors="replace").decode().replace("\x00", "")
            said_so = " ".join(words.split())[:200]
            raise NotSent(f"{self.label}没有接受（{code} {said_so}）。", again=code in BUSY)

    def markdown(self, parcel: Parcel) -> str:
        """Return the title and as many lines as the robots take, each matter a link."""
        head = f"**{parcel.title.translate(PLAIN)}**"
        lines = [_line(line) for line in parcel.lines]
        for shown in range(len(lines), -1, -1):
            said = "\n\n".join(filter(None, [head, *lines[:shown], rest(parcel, shown)]))
            if len(said.encode()) <= MOST_BYTES:
                return said
        return head


def _line(line: dict[str, Any]) -> str:
    text = line["text"].translate(PLAIN)
    if url := link(line["url"]):
        text = f"[{text}]({url})"
    return f"{line['light_words']} {text} {line['more'].translate(PLAIN)}".strip()


class WeCom(Robot):
    label = "企业微信"

    def payload(self, parcel: Parcel) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"content": self.markdown(parcel)}}


class DingTalk(Robot):
    label = "钉钉"

    def payload(self, parcel: Parcel) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"title": parcel.title, "text": self.markdown(parcel)}}

    def address(self, parcel: Parcel) -> str:
        if not parcel.secret:
            return parcel.address
        stamp = str(round(time.time() * 1000))
        signature = signed(stamp, parcel.secret)
        joint = "&" if "?" in parcel.address else "?"
        return f"{parcel.address}{joint}timestamp={stamp}&sign={signature}"


def signed(stamp: str, secret: str) -> str:
    """Return DingTalk's signature of a time stamp (milliseconds), as it stands in an address."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return quote_plus(base64.b64encode(digest))
