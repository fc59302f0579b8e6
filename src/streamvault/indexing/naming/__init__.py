"""What the names of files tell: cleaned, read by guessit in a child process, and kept by the catalog."""
