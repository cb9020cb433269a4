"""Training: losses, moment matching, steps, the optimizer and the loop."""
