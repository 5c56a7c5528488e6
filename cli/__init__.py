"""The command line: thin, and lazy, so that help appears at once."""
