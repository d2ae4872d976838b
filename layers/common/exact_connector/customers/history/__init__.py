"""Orders and invoices on the relation card of a customer. Pure."""
