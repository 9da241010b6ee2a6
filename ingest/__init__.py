"""Raw bytes to messages to threads, series and commit links. No SQL, no clock, no printing."""
