"""Scripts that break sessions on purpose, and short versions of them as tests."""
