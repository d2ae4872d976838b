"""What orders and created customers share to reach Exact exactly once."""
