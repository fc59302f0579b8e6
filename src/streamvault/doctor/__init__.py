"""`streamvault doctor`: checks everything that a server needs, and says how to mend what fails."""
