"""Cameras: a device, a video file, a simulated one."""
