"""What the synchronisation keeps: checkpoints, rows, deletions, key lists, reports, projection states."""
