from django.apps import AppConfig


class AuditConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        """Listen to log-ins, to tasks and to new connections of the database."""
        from audit import signals, telling  # noqa: F401
