"""The Exact Connector: link companies to Exact Online, keep their data in step, bring orders in exactly once."""
