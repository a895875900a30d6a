"""Floor 1: from files to a table, at startup."""
