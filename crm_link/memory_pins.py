"""PINs of the customers of a `MemoryDirectory`: real code under the same contract tests as the SQL
one. The hashes are cheap ones, for they never leave the process and are gone with it."""

from __future__ import annotations

from collections.abc import Mapping

from crm_link.errors import CrmNotFound
from crm_link.memory import MemoryDirectory
from crm_link.pins import PinHashes, PinVerdict, checked_pin, light
from crm_link.port import Find


class MemoryPins:
    """The port `crm_link.pins.PinBook` over a dictionary."""

    def __init__(self, directory: MemoryDirectory) -> None:
        self._directory = directory
        self._hashes = PinHashes(light())
        self._kept: dict[str, str] = {}

    async def verify(self, code: str, pin: str) -> PinVerdict:
        kept = self._kept.get(code)
        if kept is None and await self._knows(code):
            return "unset"
        return "right" if await self._hashes.fits(pin, kept) else "wrong"

    async def set_pin(self, code: str, pin: str) -> None:
        kept = await self._hashes.of(checked_pin(pin)) if pin else ""
        if not await self._knows(code):
            raise CrmNotFound(f"set a PIN: there is no customer with the code {code!r}")
        self._kept.pop(code, None)
        if kept:
            self._kept[code] = kept

    async def load_pins(self, hashes: Mapping[str, str]) -> None:
        for code, kept in hashes.items():
            if await self._knows(code):
                self._kept.setdefault(code, kept)

    async def _knows(self, code: str) -> bool:
        return bool(code) and bool(await self._directory.find(Find(code=code)))
