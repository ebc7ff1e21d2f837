"""The journey map as picture, document and table."""
