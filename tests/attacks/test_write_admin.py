import pytest
from pathlib import Path
from django.conf import LazySettings
from tests.attacks.answers import WHO, asked_at
from tests.attacks.stages import Stages, stages  # noqa: F401
from tests.attacks.write_lines_admin import *
from tests.admin.conftest import REGISTERS
import time
def test_admin(stages):
    out = []
    for model in REGISTERS:
        own, foreign = stages.realm.registers.own[model], stages.realm.registers.foreign.get(model)
        t = time.process_time()
        change, add = page_of(model, "change")(stages), page_of(model, "add")(stages)
        tt = time.process_time() - t
        for what, address, body in [
            ("add", url(model, "add"), add), ("change own", url(model, "change", own.pk), change), ("delete own", url(model, "delete", own.pk), {"post": "yes"}),
            *([("change foreign", url(model, "change", foreign.pk), change), ("delete foreign", url(model, "delete", foreign.pk), {"post": "yes"})] if foreign else []),
            ("changelist", url(model, "changelist"), {"action": "delete_selected", "_selected_action": str(own.pk), "post": "yes"}),
            ("history", url(model, "history", own.pk), {}),
            ("print", url(model, "print"), {}),
        ]:
            t = time.process_time(); cells = ""; notes = []
            for who in WHO:
                try: letter, wrong = asked_at(stages, address, body, who)
                except Exception as e: letter, wrong = "#", [repr(e)[:200]]
                cells += letter
                notes += [f"{who}: {w}" for w in wrong]
            out.append(f"{model.__name__:18} {what:15} {cells} {time.process_time()-t:.2f} {tt:.2f} {notes}")
    Path("/tmp/post-admin.txt").write_text("\n".join(out))
