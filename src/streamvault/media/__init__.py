"""Pure rules about bytes and files: no await, only the standard library and errors.py."""
