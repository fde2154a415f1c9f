"""The page that shows an OpenAPI document, and lets one try it."""
