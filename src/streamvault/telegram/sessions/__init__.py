"""What an account must not lose, where it is kept, and who may use it: stored sessions and their leases."""
