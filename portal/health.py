"""`/healthz`: are database, broker, worker and beat alive, and does a notice wait too long?"""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import redis
from django.db import DatabaseError, ProgrammingError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from notices import queries as notice_queries
from portal import pulse

OK = "ok"
PATIENCE_SECONDS = 1.5

# Few and never more: a server that swallows packets must not eat one thread for every question about it.
threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="healthz")


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """State of each part, for monitors; 503 until all four are "ok". Answers within two seconds, whatever is down."""
    database, pulses = threads.submit(ask_database), threads.submit(ask_broker)
    wait([database, pulses], timeout=PATIENCE_SECONDS)
    answer = {
        **outcome(database, {"database": "数据库在 1.5 秒内没有应答", "oldest_unsent_s": None}),
        **outcome(
            pulses,
            {
                "broker": "消息服务在 1.5 秒内没有应答",
                "worker": "消息服务没有应答，无法判断",
                "beat": "消息服务没有应答，无法判断",
                "beat_age_s": None,
            },
        ),
    }
    healthy = all(answer[part] == OK for part in ("database", "broker", "worker", "beat"))
    return JsonResponse(answer, status=200 if healthy else 503, json_dumps_params={"ensure_ascii": False})


def outcome(asked: Future, silence: dict[str, Any]) -> dict[str, Any]:
    """What a check found, or `silence` if it has not come back in time."""
    if asked.done():
        return asked.result()
    asked.cancel()
    return silence


def ask_database() -> dict[str, Any]:
    """Whether the database answers, and how old the oldest notice is that has not gone out."""
    try:
        oldest = notice_queries.oldest_unsent_seconds(timezone.now())
        return {"database": OK, "oldest_unsent_s": None if oldest is None else round(oldest, 1)}
    except ProgrammingError:
        return {"database": "数据库还没有更新到当前版本", "oldest_unsent_s": None}
    except DatabaseError:
        return {"database": "数据库连接不上", "oldest_unsent_s": None}
    finally:
        connection.close()


def ask_broker() -> dict[str, Any]:
    """Whether the broker answers, and when worker and beat last gave a sign of life."""
    try:
        worker, beat = pulse.age_seconds("worker"), pulse.age_seconds("beat")
    except redis.RedisError:
        unknown = "消息服务连接不上，无法判断"
        return {"broker": "消息服务连接不上", "worker": unknown, "beat": unknown, "beat_age_s": None}
    return {
        "broker": OK,
        "worker": alive(worker, "任务进程没有在运行，或者忙不过来"),
        "beat": alive(beat, "定时进程没有在运行"),
        "beat_age_s": None if beat is None else round(beat, 1),
    }


def alive(age: float | None, otherwise: str) -> str:
    """Answers "ok" if the last sign of life is recent, otherwise the reason `otherwise`."""
    return OK if age is not None and age <= pulse.SILENT_SECONDS else otherwise
