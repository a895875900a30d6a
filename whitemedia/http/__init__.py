"""Floor 0: HTTP semantics as pure functions of strings and integers."""
