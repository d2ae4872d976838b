"""The entries of the catalogue, one module per group of areas."""
