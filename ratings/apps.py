from django.apps import AppConfig


class RatingsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "ratings"
    verbose_name = "测评"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from deputies import personal, retention
        from ratings.personal import REST, sections_of

        personal.register(sections_of)
        retention.register(REST)
