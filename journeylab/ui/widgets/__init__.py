"""Style and the small parts that windows share."""
