"""What is read from Exact: the catalogue of streams and the fields of each."""
