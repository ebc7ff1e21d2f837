"""Composition root: builds everything, the only package that knows everyone."""
