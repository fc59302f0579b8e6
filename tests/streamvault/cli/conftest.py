"""What the tests of the command line share with those of the packages below it."""

from tests.streamvault.telegram.conftest import _built_in_keys_afterwards, connect, world

__all__ = ["_built_in_keys_afterwards", "connect", "world"]
