"""Where things lie on disk. Knows nothing of Django, so that the launcher can use it before settings exist."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def var_folder() -> Path:
    """The folder of everything that is not code: `PORTAL_VAR`, else `var/` beside the code."""
    return Path(os.environ.get("PORTAL_VAR") or REPOSITORY / "var").expanduser().resolve()
