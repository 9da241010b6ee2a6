"""Stub until the next commit of this file."""

from __future__ import annotations

import streamlit as st

from views.context import Context


def page(context: Context) -> None:
    st.title("Review")
    st.write("Comes soon.")
