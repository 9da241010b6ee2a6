"""Everything that writes rows. Each function writes inside the caller's transaction."""
