"""The benchmark measured by itself: methods of known order, their scores, and how often its rules decide wrongly."""
