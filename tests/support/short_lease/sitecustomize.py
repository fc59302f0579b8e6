"""On PYTHONPATH, it makes the lease of a session in a database run out sooner, so that no test waits half a minute."""

import sys

TTL, HEARTBEAT = 12.0, 2.0

if "serve" in sys.orig_argv:
    from streamvault.telegram.sessions.database import DatabaseBackend

    defaults = DatabaseBackend.__init__.__kwdefaults__ or {}
    defaults.update(ttl=TTL, heartbeat=HEARTBEAT)
