"""Speech in the menus: a recogniser in a process of its own, which Asterisk asks over AEAP."""
