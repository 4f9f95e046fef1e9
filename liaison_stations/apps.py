from django.apps import AppConfig


class LiaisonStationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "liaison_stations"
    verbose_name = "联络站"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from deputies import personal, retention
        from duties import sources
        from duties.models import Source
        from liaison_stations.personal import VISITORS, sections_of
        from liaison_stations.queries import addresses_of

        personal.register(sections_of)
        retention.register_falling(VISITORS)
        sources.register(Source.RECEPTION, addresses_of)
