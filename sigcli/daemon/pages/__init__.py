"""The page that shows an OpenAPI document and lets users try it."""
