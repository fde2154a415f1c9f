"""How routes of HTTP are declared: the same values are served, checked and described in OpenAPI."""
