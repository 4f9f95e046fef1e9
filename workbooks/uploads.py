"""Keeps an uploaded workbook between the check and the confirmation, for the one who uploaded it."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

KEPT_SECONDS = 24 * 3600
_SALT = "workbooks.uploads"


class UploadGone(Exception):
    """The kept file is no longer there, or never was this person's. Its text is the clerk's message."""

    def __init__(self) -> None:
        super().__init__("上传的文件已过期或已经处理过，请重新上传")


@dataclass(frozen=True)
class Upload:
    """A kept file; `token` names it unguessably and only works for the user that uploaded it."""

    token: str
    path: Path
    name: str
    congress: str


def folder() -> Path:
    """The private folder of kept uploads."""
    path = Path(settings.VAR) / "uploads"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keep(file: UploadedFile, *, user_id: Any, kind: str, congress: str = "") -> Upload:
    """Store the upload under a fresh random name; files older than a day go, where no worker reaches this disk."""
    sweep()
    path = folder() / secrets.token_hex(16)
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as stream:
        for chunk in file.chunks():
            stream.write(chunk)
    name = Path(file.name or "").name[-120:]
    content = {"file": path.name, "user": str(user_id), "kind": kind, "congress": congress, "name": name}
    return Upload(signing.dumps(content, salt=_SALT), path, name, congress)


def find(token: str, *, user_id: Any, kind: str) -> Upload:
    """The kept file behind a token. Raises `UploadGone` for anything but this user's own, recent upload of this kind."""
    try:
        content = signing.loads(token, salt=_SALT, max_age=KEPT_SECONDS)
        path = folder() / content["file"]
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        raise UploadGone from None
    mine = (content["user"], content["kind"]) == (str(user_id), kind)
    if not mine or not re.fullmatch("[0-9a-f]{32}", content["file"]) or not path.is_file():
        raise UploadGone
    return Upload(token, path, content["name"], content["congress"])


@contextmanager
def opened(upload: Upload) -> Iterator[IO[bytes]]:
    """The kept file for reading. Raises `UploadGone` when another click removed it meanwhile."""
    try:
        stream = upload.path.open("rb")
    except OSError:
        raise UploadGone from None
    with stream:
        yield stream


def discard(upload: Upload) -> None:
    """Forget the upload."""
    upload.path.unlink(missing_ok=True)


def sweep() -> None:
    """Remove what was kept for more than a day, whether or not anybody came back for it."""
    for path in folder().iterdir():
        try:
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
