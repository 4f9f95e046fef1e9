from django.apps import AppConfig


class TrainingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "training"
    verbose_name = "代表培训"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from deputies import personal
        from duties import sources
        from duties.models import Source
        from training.personal import sections_of
        from training.queries import addresses_of

        personal.register(sections_of)
        sources.register(Source.TRAINING, addresses_of)
