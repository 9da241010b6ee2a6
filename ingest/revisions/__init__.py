"""Patches and their versions: which posting takes up which."""
