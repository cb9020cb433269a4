"""Networks for energies, generators and encoders."""
