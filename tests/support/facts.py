"""Facts that a name tells."""

from streamvault.media.name_facts import NameFacts

FACTS = NameFacts(1, "The Garden", 2020, 2, 3, "1080p", "H.264", ("de", "en"), "s:the-garden")
