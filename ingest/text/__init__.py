"""The body's characters: whose words each of them is."""
