"""The data of the sandbox: tables, generators, files, the journal."""
