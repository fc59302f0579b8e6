"""The tests that every Catalog passes.

A test module gives an implementation its suite by subclassing CatalogContract and providing a fixture `catalog` (open
and empty).
"""

from tests.contracts.catalog_albums import AlbumsContract
from tests.contracts.catalog_facts import FactsContract
from tests.contracts.catalog_files import FilesContract
from tests.contracts.catalog_fronts import FrontsContract
from tests.contracts.catalog_lists import ListContract
from tests.contracts.catalog_oracle import OracleContract
from tests.contracts.catalog_positions import PositionsContract
from tests.contracts.catalog_recompute import RecomputeContract
from tests.contracts.catalog_search import SearchContract
from tests.contracts.catalog_spellings import SpellingsContract
from tests.contracts.catalog_storing import StoringContract


class CatalogContract(
    StoringContract,
    FactsContract,
    FilesContract,
    ListContract,
    FrontsContract,
    PositionsContract,
    AlbumsContract,
    RecomputeContract,
    SearchContract,
    SpellingsContract,
    OracleContract,
):
    """The suite. Each test starts from an empty catalog."""
