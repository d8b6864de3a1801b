"""What a database driver raises, said in the port's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from crm_link.errors import CrmConflict, CrmRefused, CrmTimeout, CrmUnavailable

_ADVICE = "check that the database of the customer directory runs and that its schema was created"


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn the driver's errors into `CrmError` kinds; `doing` says what was being done."""
    try:
        yield
    except exc.IntegrityError as error:
        raise CrmConflict(f"{doing}: the record breaks a rule: {_cause(error)}") from error
    except exc.DataError as error:
        raise CrmRefused(f"{doing}: the database takes no such value: {_cause(error)}") from error
    except exc.TimeoutError as error:  # no connection of the pool became free
        raise CrmTimeout(
            f"{doing}: no database connection became free; raise pool_size or find slow queries"
        ) from error
    except TimeoutError as error:  # before OSError, whose kind it is
        raise CrmTimeout(f"{doing}: the database did not answer in time; {_ADVICE}") from error
    except (exc.SQLAlchemyError, OSError) as error:
        raise CrmUnavailable(f"{doing}: {_cause(error)}; {_ADVICE}") from error


def _cause(error: Exception) -> str:
    """The driver's first line, without the statement and its values: they are personal data."""
    origin = getattr(error, "orig", None) or error
    return (str(origin).splitlines() or [type(origin).__name__])[0][:200]
