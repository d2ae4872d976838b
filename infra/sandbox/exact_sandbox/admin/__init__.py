"""The `/sandbox/*` routes: look at and change the sandbox from outside."""
