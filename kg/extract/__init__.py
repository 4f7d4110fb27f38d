"""Posts to claims: everything that reads Japanese."""
