"""Legal holds, and what they keep from being deleted."""
