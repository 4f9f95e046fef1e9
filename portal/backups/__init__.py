"""Backups: the database and the files as one encrypted archive, checked when it is made and when it comes back.

The archive is a tar file encrypted by age (X25519): the server holds the public key alone, so who takes a backup cannot
read it, and neither can who steals the server's disk. Inside: ``manifest.json``, ``database.dump``, ``files/…``.
"""

from portal.backups.making import make_backup, prune
from portal.backups.manifest import Manifest, UnableToBackUp
from portal.backups.restoring import check_backup, restore_backup

__all__ = ["Manifest", "UnableToBackUp", "check_backup", "make_backup", "prune", "restore_backup"]
