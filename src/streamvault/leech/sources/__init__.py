"""Where the bytes of a job come from."""
