"""The whole product on one machine: a local AWS, the deployed template, the handlers and the Exact sandbox."""
