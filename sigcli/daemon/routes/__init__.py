"""Declared HTTP routes: the same values are served, checked and described in OpenAPI."""
