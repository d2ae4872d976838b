"""Looking up what an order refers to, in stored documents and in Exact."""
