"""PURE: the flow of a call's menu, opening hours, and one caller's session in it."""
