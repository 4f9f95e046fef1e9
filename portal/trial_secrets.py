"""The two secrets of a trial installation: made once, kept in `var/secrets.json`, readable to their owner only."""

import json
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet


def trial_secrets(var: Path) -> dict[str, str]:
    """`secret_key` and `field_encryption_key` of this data folder; made on the first call.

    Two processes that come first at once agree: the file appears complete or not at all, and the second one finds it.
    """
    path = var / "secrets.json"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        fresh = {"secret_key": secrets.token_urlsafe(50), "field_encryption_key": Fernet.generate_key().decode()}
        handle, draft = tempfile.mkstemp(dir=var, prefix=".secrets-")
        with os.fdopen(handle, "w") as file:
            json.dump(fresh, file)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return json.loads(path.read_text())
