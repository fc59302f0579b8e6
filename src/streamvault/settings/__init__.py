"""The settings, read once from the environment, a `.env` file and the command line; nothing else reads os.environ.

`model` has their types, `values` the rules for single values, `reading` reads them and puts errors into sentences,
`meanings` is what help says about each.
"""

from streamvault.settings.model import LocalSettings, Settings
from streamvault.settings.reading import misspelt_names, read_settings, read_settings_as

__all__ = ["LocalSettings", "Settings", "misspelt_names", "read_settings", "read_settings_as"]
