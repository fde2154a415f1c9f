"""Sticker packs: links to them, their manifests and pictures, installing, uploading, sending."""
