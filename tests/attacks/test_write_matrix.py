import pytest
from pathlib import Path
from django.conf import LazySettings
from tests.attacks.answers import WHO, asked
from tests.attacks.stages import Stages, stages  # noqa: F401
from tests.attacks.write_lines import acts
from tests.attacks import write_lines
import time

@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path

def test_draft(stages: Stages) -> None:
    out = []
    for line in acts():
        t = time.time()
        cells = ""
        notes = []
        for who in WHO:
            letter, wrong = asked(stages, line, who)
            cells += letter
            notes += [f"{who}: {w}" for w in wrong]
        out.append(f"{line.name:32} {line.rows:14} {cells} {time.time()-t:.2f} {notes}")
    Path("/tmp/post-draft.txt").write_text("\n".join(out))
