"""ctid: contact-centre CTI and call routing on Asterisk."""

__version__ = "0.1.0"
