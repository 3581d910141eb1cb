"""How listeners read a visitor's battle: by its id, or anew."""

from arena.battle.resume import resume_battle
from arena.battle.state import BattleView
from arena.site.site import Site


class BattleReader:
    """What all listeners of the page need of one site; see `arena.pages.listener.Page`."""

    def __init__(self, site: Site):
        self.site = site

    async def load(self, id: str, visitor: str) -> BattleView | None:
        """The visitor's battle; None where there is none of that id. Raises StoreError."""
        return await resume_battle(self.site, visitor, id)

    async def reload(self, view: BattleView, visitor: str) -> BattleView | None:
        """The same battle as the database has it now. Raises StoreError."""
        return await resume_battle(self.site, visitor, view.battle, known=view)
