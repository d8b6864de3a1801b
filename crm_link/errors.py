"""What can go wrong with a customer directory; each error says whose fault it is and what to do."""

from __future__ import annotations

from ctid.core.errors import CtidError


class CrmError(CtidError):
    """A customer directory did not do what was asked; the text says what to do next."""


class CrmUnavailable(CrmError):
    """The directory cannot be reached or is broken; the same request may work later."""


class CrmTimeout(CrmUnavailable):
    """The directory did not answer in time; the request may have been carried out all the same."""


class CrmConflict(CrmError):
    """The record would break a rule of the directory (a customer code used twice); change it."""


class CrmNotFound(CrmError):
    """The customer or log entry that was named does not exist (any more)."""


class CrmRefused(CrmError):
    """The directory is well and refuses the request as it stands; sending it again is no use."""
