"""PURE: which agent for this contact, which contact for this agent."""
