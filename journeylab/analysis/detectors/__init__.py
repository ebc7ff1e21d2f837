"""Detectors: published rules from the aligned sessions of a study to findings."""
