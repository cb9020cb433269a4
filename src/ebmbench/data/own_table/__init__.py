"""Parts of the plug-in ``table``: reading of formats, choice of columns, checks, lattices, splits."""
