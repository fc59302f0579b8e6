"""The log: `setup` has its form and removes secrets, `bounds` limits how many lines clients can cause.

Modules log with their own `logging.getLogger(__name__)`; nothing else configures a logger.
"""
