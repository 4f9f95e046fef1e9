"""Health checks of the containers: `python -m portal.probe` asks the web, `… worker` and `… beat` look at their pulse."""

import json
import os
import sys
import urllib.error
import urllib.request


def web() -> str:
    """Empty if the web process answers and finds its database; what is wrong with other parts is not its fault."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:8000/healthz", timeout=4) as answer:
            state = json.load(answer)
    except urllib.error.HTTPError as error:
        state = json.load(error)
    except OSError as error:
        return str(error)
    return "" if state["database"] == "ok" else state["database"]


def pulse(part: str) -> str:
    """Empty if `part` has given a sign of life lately."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.pulse import SILENT_SECONDS, age_seconds

    age = age_seconds(part)
    return "" if age is not None and age <= SILENT_SECONDS else f"no sign of life for {age} seconds"


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else "web"
    sys.exit((web() if part == "web" else pulse(part)) or 0)
