"""The business rules of each kind of record that the sandbox lets clients write."""
