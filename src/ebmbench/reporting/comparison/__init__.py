"""Comparisons of methods: summaries over seeds, paired differences, ranks, literature results."""
