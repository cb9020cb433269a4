"""Networks whose features tell images apart: one plug-in a file."""
