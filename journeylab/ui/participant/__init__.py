"""The participant's screen: nothing but the stimulus."""
