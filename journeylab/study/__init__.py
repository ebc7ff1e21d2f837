"""What will be run: the study file, its steps and stimuli."""
