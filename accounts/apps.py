from django.apps import AppConfig


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401 - they register themselves
