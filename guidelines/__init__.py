"""Tags to requirements to guidelines to Markdown. No SQL."""
