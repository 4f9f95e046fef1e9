from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WorkbooksConfig(AppConfig):
    name = "workbooks"
    verbose_name = "表格"

    def ready(self) -> None:
        """Load `<app>/workbooks.py` of every installed app: each registers its forms."""
        autodiscover_modules("workbooks")
