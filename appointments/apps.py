from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "appointments"
    verbose_name = "人事任免"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from appointments.personal import sections_of
        from deputies import personal

        personal.register(sections_of)
