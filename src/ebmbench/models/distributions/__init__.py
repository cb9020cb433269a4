"""Building blocks of the families: normal and tilted densities, flows, generators, decoders."""
