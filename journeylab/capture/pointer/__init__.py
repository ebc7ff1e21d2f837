"""The mouse: system-wide through pynput, and a simulated one."""
