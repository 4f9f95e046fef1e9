"""Backups: the database and the files as one encrypted archive, checked when it is made and when it comes back.

The archive is a tar file encrypted by age (X25519): the server holds the public key alone, so who steals a backup cannot
read it. While one is made or brought back a plain dump lies beside it, in a folder that its owner alone can open; what a
killed run left there goes with a later one. Inside: ``manifest.json`` and its proof, ``database.dump``, ``files/…``.
"""

from portal.backups.making import make_backup, prune
from portal.backups.manifest import Manifest, UnableToBackUp
from portal.backups.restoring import check_backup, restore_backup

__all__ = ["Manifest", "UnableToBackUp", "check_backup", "make_backup", "prune", "restore_backup"]
