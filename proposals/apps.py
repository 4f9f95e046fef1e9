from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "proposals"
    verbose_name = "建议议案"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from casework import registry
        from deputies import panels, personal, retention
        from duties import sources
        from duties.models import Source
        from proposals import presets
        from proposals.dates import follow_dates
        from proposals.models import KIND, Proposal
        from proposals.panels import addresses_of, proposals_of
        from proposals.personal import REST, sections_of
        from proposals.queries.oversight import overseers
        from proposals.services.arranging import follow_procedure
        from proposals.services.voting import addresses
        from ratings import links

        registry.register(
            registry.CaseKind(
                code=KIND,
                label="建议议案",
                url_name="proposals:case",
                visible_ids=lambda user: Proposal.objects.visible_to(user).values("pk"),
                dates_moved=follow_dates,
                needs=presets.NEEDS,
                rule_keys=presets.RULE_KEYS,
                outcomes=presets.OUTCOMES,
                ends=presets.ENDS,
                beside=("consent",),
                act_pages={act: f"proposals:{page}" for act, page in presets.ACT_PAGES.items()},
                outlives=presets.OUTLIVES,
                overseers=overseers,
                procedure_activated=follow_procedure,
            )
        )
        links.register("proposal", addresses)
        panels.register(proposals_of)
        personal.register(sections_of)
        retention.register(REST)
        sources.register(Source.PROPOSAL, addresses_of)
