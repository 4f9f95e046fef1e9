from django.apps import AppConfig


class DeputiesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "deputies"
    verbose_name = "代表"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from casework import errands
        from deputies.queries import errands_of

        errands.register(errands_of)
