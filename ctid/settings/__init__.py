"""The settings: one frozen value made from the config files, checked whole.

`parse` takes mappings, not paths, and needs no disk; `ctid.settings.files` reads them from it.
Every problem is reported at once: whoever edits a file should not have to run us ten times.
"""

from ctid.settings.parse import known_keys, parse
from ctid.settings.sections import (
    AgiSection,
    BusSection,
    CrmSection,
    JournalSection,
    PbxSection,
    Settings,
    Site,
    StoreSection,
    WebSection,
)
from ctid.settings.services import ServiceSection

__all__ = [
    "AgiSection",
    "BusSection",
    "CrmSection",
    "JournalSection",
    "PbxSection",
    "ServiceSection",
    "Settings",
    "Site",
    "StoreSection",
    "WebSection",
    "known_keys",
    "parse",
]
