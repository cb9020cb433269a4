"""Training: losses, ways to match moments, the optimizer and the loop."""
