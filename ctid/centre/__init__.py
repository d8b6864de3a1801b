"""PURE composition: hands a contact from the IVR to the ACD to the screen pop; resync; snapshot."""
