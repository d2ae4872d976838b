"""What everything is kept with: the key-value port, leases, packing, and the ports to other services."""
