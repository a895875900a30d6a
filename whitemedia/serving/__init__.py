"""Floor 2: from a resource and an environ to a response, at request time."""
