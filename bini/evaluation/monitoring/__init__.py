"""A watched log as people see it."""
