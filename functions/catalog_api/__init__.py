"""Everything that platforms read over HTTP."""
