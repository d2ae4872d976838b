"""Every minute: what is due goes to the queues, and open orders are watched."""
