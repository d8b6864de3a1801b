"""A pretend PBX with its callers, agents and CRM, as facts and commands. Pure."""
