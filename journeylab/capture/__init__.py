"""Devices as sources of stamped samples; they know no file, no model and no Qt."""
