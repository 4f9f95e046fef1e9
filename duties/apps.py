from django.apps import AppConfig


class DutiesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "duties"
    verbose_name = "履职"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from deputies import panels, personal
        from duties import sources
        from duties.group_queries import addresses_of
        from duties.models import Source
        from duties.panels import records_of
        from duties.personal import sections_of

        panels.register(records_of)
        personal.register(sections_of)
        sources.register(Source.GROUP, addresses_of)
