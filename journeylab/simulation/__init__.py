"""Simulated participants as capture sources, with known ground truth."""
