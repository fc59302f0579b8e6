"""`python -m streamvault` is the same as `streamvault`."""

import sys

from streamvault.cli.main import main

sys.exit(main())
