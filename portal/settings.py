"""Settings, all of them from the environment (twelve-factor). Nothing set gives a trial installation on embedded
services; `PORTAL_ENV=production` asks for what an office's server must have and starts with nothing less.

| name | meaning | default |
|---|---|---|
| PORTAL_ENV | `trial` or `production` | trial |
| PORTAL_VAR | folder of data, secrets, logs | var/ |
| PORTAL_STATIC_ROOT | folder of the collected static files, if elsewhere | static/ under it |
| DATABASE_URL, REDIS_URL | `postgres://…`, `redis://…` or `unix://…` | embedded services |
| SECRET_KEY, FIELD_ENCRYPTION_KEYS | the latter: Fernet keys, newest first, by comma | made once in a trial |
| PORTAL_DIGEST_KEY | key of the digests by which encrypted values are found; never changes | the oldest of FIELD_ENCRYPTION_KEYS |
| ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS | by comma | any host in a trial; none |
| PORTAL_HTTPS | secure cookies, HSTS, redirect to https | on in production |
| PORTAL_PROXY_HEADER | header by which the proxy says https, e.g. `X-Forwarded-Proto` | none |
| PORTAL_PROXY_COUNT | trusted proxies in front (for rate limits by address) | 0 |
| PORTAL_ADMIN_PATH | where the admin lies | admin/ |
| PORTAL_PASSWORD_LENGTH, PORTAL_PASSWORD_CLASSES | characters a password has at least; how many of upper, lower, digit, other | 8, 3 |
| PORTAL_PASSWORD_HISTORY, PORTAL_PASSWORD_DAYS | last passwords not to be taken again; days until a new one is due, 0: never | 5, 90 (trial: 0) |
| PORTAL_LOCK_FAILURES, PORTAL_LOCK_MINUTES | failed tries that lock an account; how long | 5, 30 |
| PORTAL_IDLE_MINUTES, PORTAL_ADMIN_IDLE_MINUTES | after how long without activity a log-in ends; the administrators' | 120, 30 |
| PORTAL_SESSION_HOURS | after how long it ends in any case | 12 |
| PORTAL_SECOND_FACTOR | who needs a second factor: `administrators`, `everybody`, `off` | administrators |
| PORTAL_OIDC_URL | the office's identity provider (OpenID Connect): its address before `/.well-known/` | none: off |
| PORTAL_OIDC_CLIENT_ID, PORTAL_OIDC_SECRET | how the portal names itself there | must be set with the former |
| PORTAL_OIDC_NAME, PORTAL_OIDC_CLAIM | its name on the button; the claim that is the user name here | 单位统一身份认证, preferred_username |
| PORTAL_URL | how the portal is opened from outside, for links in e-mails | none: no links |
| PORTAL_MAIL_FROM | sender of e-mails | portal@localhost |
| PORTAL_DIGEST_HOUR | from which hour (Asia/Shanghai) the day's reminders go out | 8 |
| PORTAL_ESCALATE_DAYS | after how many days overdue the overseers are told | 3 |
| PORTAL_BACKUP_KEY | public key with which backups are encrypted (`script/manage backup_key`) | none: no backups |
| PORTAL_WEBHOOK_HOSTS | hosts of group robots, by comma; https unless a scheme stands before | WeCom's, DingTalk's |
| PORTAL_AUDIT_MONTHS | how long entries of the audit trail are kept, 6 at least | 12 |
| PORTAL_PERSON_YEARS | years after the end of the last seat, or after a reception, until personal data is due to be erased | 5 |
| PORTAL_API_RATE, PORTAL_API_ANON_RATE | requests to the API: of one account, of one address not logged in | 600/min, 60/min |
| PORTAL_API_KEEP_DAYS | for how many days an Idempotency-Key is remembered | 3 |
| EMAIL_URL, LOG_LEVEL, PORTAL_DEBUG | mail server, log level, debug pages | console, INFO, off |
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from portal import embedded, logs
from portal.places import REPOSITORY, var_folder
from portal.trial_secrets import trial_secrets

env = Env()

BASE_DIR = REPOSITORY
VAR: Path = var_folder()
PORTAL_ENV = env.str("PORTAL_ENV", "trial")
if PORTAL_ENV not in {"trial", "production"}:
    raise ImproperlyConfigured(f"PORTAL_ENV 只能是 trial（试用）或 production（正式），现在是“{PORTAL_ENV}”。")
PRODUCTION = PORTAL_ENV == "production"
if PRODUCTION:
    missing = [
        name
        for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "PORTAL_DIGEST_KEY", "ALLOWED_HOSTS")
        if not env.str(name, "")
    ]
    if missing:
        raise ImproperlyConfigured(f"正式运行（PORTAL_ENV=production）缺少环境变量：{'、'.join(missing)}。")

DEBUG = env.bool("PORTAL_DEBUG", False)
made = {} if env.str("SECRET_KEY", "") and env.str("FIELD_ENCRYPTION_KEYS", "") else trial_secrets(VAR)
SECRET_KEY = env.str("SECRET_KEY", "") or made["secret_key"]
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", []) or [made["field_encryption_key"]]
DIGEST_KEY = env.str("PORTAL_DIGEST_KEY", "") or FIELD_ENCRYPTION_KEYS[-1]
# Health checks come from the machine itself, by its own name.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", ["*"]), "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])
ADMIN_PATH = env.str("PORTAL_ADMIN_PATH", "admin/").strip("/") + "/"

INSTALLED_APPS = [
    "portal",
    "reports",
    "appointments",
    "liaison_stations",
    "training",
    "proposals",
    "duties",
    "ratings",
    "deputies",
    "casework",
    "notices",
    "accounts",
    "bodies",
    "workbooks",
    "audit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.hats.HatMiddleware",
    "portal.logs.RequestLog",
    "audit.middleware.Audit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SessionLimits",
    "accounts.middleware.FirstDuties",
    "portal.middleware.WordsForRefusedMethods",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "casework.context_processors.portal",
                "accounts.context_processors.entrance",
            ],
        },
    },
]
# Widgets of the admin, too, take their templates from templates/ first.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

# Database, cache, broker
DATABASES = {"default": env.dj_db_url("DATABASE_URL", embedded.database_url(VAR), conn_max_age=60)}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL 必须指向 PostgreSQL（postgres://…），本系统不支持其他数据库。")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(VAR)


def celery_url(url: str) -> str:
    """The same server as redis-py's `url`, as kombu writes it: a Unix socket is `redis+socket://` there."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


CACHES = {
    "default": {
        "BACKEND": "portal.cache.ForgivingCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
}

CELERY_BROKER_URL = celery_url(REDIS_URL)
# A worker that is killed holds its tasks until this time is over. All our tasks are short and safe to repeat, so a
# minute is plenty, where the default of an hour would leave notices lying that long.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    # The broker is a bell, the table is the truth: a request that cannot ring it gives up and beat finds the row.
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Shanghai"
# Every entry is a sweep that asks the database what is due, so beat has nothing to remember between two starts.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5


def every(seconds: int, task: str) -> dict:
    """A sweep; one that finds no worker in time is dropped, for the next one does its work."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "heartbeat": every(10, "portal.tasks.heartbeat"),
    "deliver pending notices": every(15, "notices.tasks.deliver_pending"),
    "scan obligations": every(60, "casework.tasks.scan_obligations"),
    "pass over silence": every(300, "proposals.tasks.pass_over_silence"),
    "close unrated": every(300, "proposals.tasks.close_unrated"),
    "make annual reports": every(60, "reports.tasks.make_reports"),
    "seal the audit trail": every(60, "audit.tasks.seal_entries"),
    "clear expired sessions": every(86400, "accounts.tasks.clear_sessions"),
    "sweep api requests": every(3600, "accounts.tasks.sweep_api_requests"),
    "sweep uploaded workbooks": every(3600, "workbooks.tasks.sweep_uploads"),
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.NameOrPhone"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_LENGTH = env.int("PORTAL_PASSWORD_LENGTH", 8)
PASSWORD_CLASSES = env.int("PORTAL_PASSWORD_CLASSES", 3)
PASSWORD_HISTORY = env.int("PORTAL_PASSWORD_HISTORY", 5)
# The published password of a trial's accounts must not grow old on its visitors.
PASSWORD_DAYS = env.int("PORTAL_PASSWORD_DAYS", 90 if PRODUCTION else 0)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.Length", "OPTIONS": {"min_length": PASSWORD_LENGTH}},
    {"NAME": "accounts.passwords.Composition", "OPTIONS": {"classes": PASSWORD_CLASSES}},
    {"NAME": "accounts.passwords.NothingPersonal"},
    {"NAME": "accounts.passwords.Uncommon"},
    {"NAME": "accounts.passwords.NotUsedBefore", "OPTIONS": {"last": PASSWORD_HISTORY}},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# A whole office shares one outside address: the limit by address is wide, the one by log-in name narrow.
# The narrow one also bounds guesses at second factors; the account itself is locked before that (axes).
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,20/300s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PORTAL_PROXY_COUNT", 0)

# Failed tries lock the account, never the office's one address (axes.W006 would have it otherwise).
LOCK_MINUTES = env.int("PORTAL_LOCK_MINUTES", 30)
AXES_FAILURE_LIMIT = env.int("PORTAL_LOCK_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(minutes=LOCK_MINUTES)
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
# Who holds the door shut by trying on does not keep it shut any longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.locking.attempted"
AXES_LOCKOUT_CALLABLE = "accounts.locking.locked_page"
AXES_CLIENT_IP_CALLABLE = "allauth.core.internal.httpkit.get_client_ip"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "csrfmiddlewaretoken", "next"]
# The audit trail tells of every log-in, and the portal has a page of its own for who is locked.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# How long a log-in lasts: accounts/sessions.py.
IDLE_MINUTES = env.int("PORTAL_IDLE_MINUTES", 120)
ADMIN_IDLE_MINUTES = env.int("PORTAL_ADMIN_IDLE_MINUTES", 30)
SESSION_HOURS = env.int("PORTAL_SESSION_HOURS", 12)

SECOND_FACTOR = env.str("PORTAL_SECOND_FACTOR", "administrators")
if SECOND_FACTOR not in {"administrators", "everybody", "off"}:
    raise ImproperlyConfigured(
        "PORTAL_SECOND_FACTOR 只能是 administrators（三员）、everybody（所有人）或 off（关闭），"
        f"现在是“{SECOND_FACTOR}”。"
    )
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeAtLogIn",
    "reauthenticate": "accounts.forms.CodeOnceMore",
    "activate_totp": "accounts.forms.FirstCode",
    "add_webauthn": "accounts.passkeys.NewPasskey",
    "authenticate_webauthn": "accounts.passkeys.PasskeyAfterPassword",
    "reauthenticate_webauthn": "accounts.passkeys.PasskeyOnceMore",
    "login_webauthn": "accounts.passkeys.PasskeyAlone",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# As for passwords: a whole office shares one outside address.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
MFA_TOTP_ISSUER = "代表工作管理门户"
# Clocks of phones differ: the code before and the one after are taken too.
MFA_TOTP_TOLERANCE = 1

# Log-in by the office's identity provider
OIDC_PROVIDER = "office"
OIDC_URL = env.str("PORTAL_OIDC_URL", "").rstrip("/")
OIDC_NAME = env.str("PORTAL_OIDC_NAME", "单位统一身份认证")
OIDC_CLAIM = env.str("PORTAL_OIDC_CLAIM", "preferred_username")
SOCIALACCOUNT_ADAPTER = "accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = {}
if OIDC_URL:
    client_id, client_secret = env.str("PORTAL_OIDC_CLIENT_ID", ""), env.str("PORTAL_OIDC_SECRET", "")
    if not (client_id and client_secret):
        raise ImproperlyConfigured("设了 PORTAL_OIDC_URL，还要设 PORTAL_OIDC_CLIENT_ID 和 PORTAL_OIDC_SECRET。")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_PROVIDER,
                "name": OIDC_NAME,
                "client_id": client_id,
                "secret": client_secret,
                "settings": {"server_url": OIDC_URL},
            }
        ],
    }
# A link, not a form: form-action of the policy below would stop the way to the provider.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False

# Language and time
LANGUAGE_CODE = "zh-hans"
FORMAT_MODULE_PATH = ["portal.formats"]
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("PORTAL_STATIC_ROOT", "") or VAR / "static")
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
MEDIA_ROOT = VAR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
# A form posts text; files are streamed to disk and bounded where they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Browser
HTTPS = env.bool("PORTAL_HTTPS", PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Said to browsers for the portal's own name and what lies below it.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
if proxy_header := env.str("PORTAL_PROXY_HEADER", ""):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + proxy_header.upper().replace("-", "_"), "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}

# The API, for other systems of the office
API_KEEP_DAYS = env.int("PORTAL_API_KEEP_DAYS", 3)
REST_FRAMEWORK = {
    # The first one says what a 401 asks for.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.rest.authentication.TokenAuthentication",
        "accounts.rest.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.str("PORTAL_API_RATE", "600/min"),
        "anon": env.str("PORTAL_API_ANON_RATE", "60/min"),
    },
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_PARSER_CLASSES": ["accounts.rest.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.rest.errors.handle",
    # No ?format=…: there is one.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "代表工作管理门户接口",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    # Values stay where they are used, with what they mean beside them.
    "POSTPROCESSING_HOOKS": [],
}

# Mail and logs
mail = env.dj_email_url("EMAIL_URL", "console:")
EMAIL_BACKEND = mail["EMAIL_BACKEND"]
EMAIL_HOST = mail["EMAIL_HOST"]
EMAIL_PORT = mail["EMAIL_PORT"]
EMAIL_HOST_USER = mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL = mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("PORTAL_MAIL_FROM", "portal@localhost")
PORTAL_URL = env.str("PORTAL_URL", "").rstrip("/")

# Reminders
DIGEST_HOUR = env.int("PORTAL_DIGEST_HOUR", 8)
ESCALATE_DAYS = env.int("PORTAL_ESCALATE_DAYS", 3)
WEBHOOK_HOSTS = env.list("PORTAL_WEBHOOK_HOSTS", ["qyapi.weixin.qq.com", "oapi.dingtalk.com"])
WEBHOOK_TIMEOUT = 10  # seconds

BACKUP_KEY = env.str("PORTAL_BACKUP_KEY", "")
# Audit
AUDIT_MONTHS = env.int("PORTAL_AUDIT_MONTHS", 12)
if AUDIT_MONTHS < 6:
    raise ImproperlyConfigured(f"PORTAL_AUDIT_MONTHS（审计记录保存月数）不能少于 6，现在是 {AUDIT_MONTHS}。")
# Personal data: deputies/retention.py
PERSON_YEARS = env.int("PORTAL_PERSON_YEARS", 5)
if not 1 <= PERSON_YEARS <= 100:
    raise ImproperlyConfigured(f"PORTAL_PERSON_YEARS（个人信息保存年数）应当在 1 至 100 之间，现在是 {PERSON_YEARS}。")
# What follows these beginnings of a path is as good as a vote.
AUDIT_HIDDEN_PATHS = [r"^(/p/rating/)[^/]+"]

LOGGING = logs.configure(level=env.str("LOG_LEVEL", "INFO"), as_json=PRODUCTION)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# One line per request, when it is done; sweeps every few seconds only when somebody looks for a fault.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = 10

# Forms in: staff may do what their role allows, no more; an import is one transaction.
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "add"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
