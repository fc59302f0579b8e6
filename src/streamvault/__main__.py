"""`streamvault`, and `python -m streamvault`: loads the command line and runs it."""

import signal
import sys


def main() -> int:
    """Run one command; the return value is the exit code.

    Until the command's own work begins, Ctrl-C ends the process as the system does, without a traceback: in the middle
    of an import, KeyboardInterrupt would be raised anywhere. (See cli.interrupts.)
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from streamvault.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
