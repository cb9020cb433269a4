"""Whether a fresh run says what the committed one says."""
