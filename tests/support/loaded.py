"""Loaded by the process that is forked for each `streamvault` (see forks): all modules, and what it has by then is no
garbage. A collection in a fork would traverse, and so copy, all of it. Key exchanges are as fast as in the tests.
"""

from importlib import import_module

from streamvault.process import importing
from tests.support import modexp

with importing():
    for _module in ("streamvault.cli.main", "streamvault.server.run", "streamvault.doctor.run", "pymongo"):
        import_module(_module)
    modexp.install(modexp.PRODUCT)
