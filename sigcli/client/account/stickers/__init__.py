"""Sticker packs: their links, listing, installing, uploading."""
