from django.apps import AppConfig


class NoticesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "notices"
    verbose_name = "提醒"

    def ready(self) -> None:
        from notices import receivers  # noqa: F401 - they register themselves
