"""The microphone: through PortAudio, and a simulated one."""
