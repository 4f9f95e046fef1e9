from django.apps import AppConfig


class DutiesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "duties"
    verbose_name = "履职"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from deputies import panels
        from duties.panels import records_of

        panels.register(records_of)
