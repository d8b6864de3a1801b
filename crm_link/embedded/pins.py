"""`EmbeddedPins`: the port `crm_link.pins.PinBook` over SQLAlchemy."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Text, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from crm_link.embedded import statements
from crm_link.embedded.failures import told
from crm_link.embedded.tables import CUSTOMER, PIN
from crm_link.errors import CrmNotFound
from crm_link.pins import PinHashes, PinVerdict, checked_pin
from crm_link.port import Find, searchable

_KEPT = (
    select(CUSTOMER.c.id, PIN.c.hash)
    .select_from(CUSTOMER.outerjoin(PIN, PIN.c.customer_id == CUSTOMER.c.id))
    .where(CUSTOMER.c.code == bindparam("code", type_=Text))
)


class EmbeddedPins:
    """PINs in a table of their own: whoever looks a customer up never has the hash in hand.

    The engine stays the caller's; `EmbeddedDirectory.create_schema` makes the table.
    """

    def __init__(self, engine: AsyncEngine, hashes: PinHashes | None = None) -> None:
        self._engine = engine
        self._hashes = hashes or PinHashes()

    async def verify(self, code: str, pin: str) -> PinVerdict:
        known = searchable(Find(code=code)).code
        with told("look a PIN up"):
            async with self._engine.connect() as connection:
                row = (await connection.execute(_KEPT, {"code": known})).one_or_none()
        if row is not None and row.hash is None:
            return "unset"
        return "right" if await self._hashes.fits(pin, row and row.hash) else "wrong"

    async def set_pin(self, code: str, pin: str) -> None:
        kept = await self._hashes.of(checked_pin(pin)) if pin else ""
        with told("set a PIN"):
            async with self._engine.begin() as connection:
                row = (await connection.execute(_KEPT, {"code": code})).one_or_none()
                if row is None:
                    raise CrmNotFound(f"set a PIN: there is no customer with the code {code!r}")
                await connection.execute(delete(PIN).where(PIN.c.customer_id == row.id))
                if kept:
                    values = {"customer_id": row.id, "hash": kept}
                    await connection.execute(PIN.insert().values(values))

    async def load_pins(self, hashes: Mapping[str, str]) -> None:
        if not hashes:
            return
        source = select(CUSTOMER.c.id, bindparam("kept", type_=Text))
        insert = statements.insert_new(PIN, self._engine.dialect.name, "customer_id").from_select(
            ["customer_id", "hash"], source.where(CUSTOMER.c.code == bindparam("of", type_=Text))
        )
        with told("load PINs"):
            async with self._engine.begin() as connection:
                rows = [{"of": code, "kept": kept} for code, kept in hashes.items()]
                await connection.execute(insert, rows)
