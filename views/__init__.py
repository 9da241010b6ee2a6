"""The app's pages, one a file: each draws what ``db.queries`` returns."""
