"""The registers of this app."""

from liaison_stations.admin import receptions, stations

__all__ = ["receptions", "stations"]
