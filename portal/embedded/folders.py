"""Folders of the embedded services: private ones, and socket paths short enough for the kernel."""

import hashlib
import os
import stat
from pathlib import Path

# The kernel takes 107 bytes; PostgreSQL adds a suffix of its own to the name when it makes a lock file.
LONGEST_SOCKET_PATH = 100


class ServiceError(Exception):
    """An embedded service cannot run; the message tells a person why, in Chinese."""


def mark(var: Path) -> str:
    """A short name of this data folder, the same in every process."""
    return hashlib.sha256(os.fsencode(var)).hexdigest()[:12]


def socket_folder(var: Path, service: str, socket_name: str) -> Path:
    """Where `service` puts its socket: under the data folder, or under /tmp if that path would be too long.

    Computed from the data folder alone (no TMPDIR, no XDG_RUNTIME_DIR), so that all processes agree.
    """
    own = var / "run" / service
    if len(os.fsencode(own / socket_name)) <= LONGEST_SOCKET_PATH:
        return own
    return Path("/tmp") / f"dp-{mark(var)}-{service}"  # noqa: S108 - made 0700, and refused if it is somebody else's


def private_folder(folder: Path, owner: int) -> Path:
    """Makes `folder` if need be, owned by uid `owner` and closed to everybody else.

    Raises ServiceError if it belongs to another user or is a link: in /tmp anybody could have put it there.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
        if owner != os.geteuid():
            os.chown(folder, owner, -1)
    except FileExistsError:
        pass
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != owner:
        raise ServiceError(f"{folder} 属于别的用户，不能使用。请删除它，或者用 PORTAL_VAR 换一个数据文件夹。")
    if stat.S_IMODE(state.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder
