"""Pure: bundles to measures, measures to the journey map."""
