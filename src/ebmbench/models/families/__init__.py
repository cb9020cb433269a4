"""Model families: what kind of density is fitted."""
