"""Sessions of a study and its journey map."""
