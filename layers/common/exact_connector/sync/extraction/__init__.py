"""From Exact's pages to stored rows, a chunk at a time."""
