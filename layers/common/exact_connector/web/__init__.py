"""HTTP: routes with scopes, authentication, problem+json, paging and the OpenAPI document."""
