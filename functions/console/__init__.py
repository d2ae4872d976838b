"""Web pages for administrators."""
