from django.apps import AppConfig


class LiaisonStationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "liaison_stations"
    verbose_name = "联络站"
