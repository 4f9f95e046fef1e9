"""E-mail, through Django's mail API: one connection for a run, opened anew after an error."""

from __future__ import annotations

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core import mail

from notices.channels.parcels import NotSent, Parcel, ServerGone, link, rest


class Mailer:
    """Sends e-mails over one connection, as long as nothing goes wrong."""

    def __init__(self) -> None:
        self._connection = None

    def server_of(self, parcel: Parcel) -> str:
        """Return what is down together with this parcel's way: there is one mail server."""
        del parcel
        return "mail"

    def send(self, parcel: Parcel) -> None:
        """Send one e-mail. Raises NotSent for this one, ServerGone when the server takes nothing at all."""
        try:
            self._connect()
            self._connection.send_messages([_message(parcel)])
        except smtplib.SMTPRecipientsRefused as error:
            self.close()
            code, said = next(iter(error.recipients.values()), (0, b""))
            raise _refused(code, said) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPAuthenticationError) or error.smtp_code == 421:
                said = f"{error.smtp_code} {_text(error.smtp_error)}"
                raise ServerGone(f"邮件服务器没有接受连接（{said}）。") from error
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ServerGone(f"连接不上邮件服务器（{type(error).__name__}）。") from error
        except ValueError as error:
            raise NotSent("邮件地址或标题中有邮件不允许的字符。", again=False) from error

    def _connect(self) -> None:
        if self._connection is None:
            connection = mail.get_connection()
            connection.open()
            self._connection = connection

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _message(parcel: Parcel) -> mail.EmailMessage:
    said = []
    for line in parcel.lines:
        said.append(f"{line['light_words']}  {line['text']}  {line['more']}".strip())
        if url := link(line["url"]):
            said.append(f"    {url}")
    said.append(rest(parcel, len(parcel.lines)))
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return mail.EmailMessage(
        subject=" ".join(parcel.title.split()),
        body="\n".join(said).rstrip() + "\n",
        to=[parcel.address],
        headers={"Message-ID": f"<{parcel.key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )


def _refused(code: int, said: bytes | str) -> NotSent:
    again = not 500 <= code < 600
    words = "邮件服务器暂时不收" if again else "邮件服务器拒收，请核对收件地址"
    return NotSent(f"{words}（{code} {_text(said)}）。", again=again)


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.replace("\x00", "").split())[:200]
