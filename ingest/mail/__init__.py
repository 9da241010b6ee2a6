"""Bytes of one mail into its fields and text (RFC 5322, MIME), and the faults that real mail has."""
