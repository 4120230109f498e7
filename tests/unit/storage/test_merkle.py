"""The tree over chunks and blocks is RFC 6962's: published vectors, and a plain recursion as the oracle."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.merkle import EMPTY_ROOT, frontier_append, frontier_root, leaf_hash, node_hash, tree_root
from tests.unit.storage.plain_format import plain_root

# The inputs and roots that implementations of Certificate Transparency (RFC 6962) test themselves with.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes]) -> tuple[bytes, ...]:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier = frontier_append(frontier, size, leaf)
    return frontier


@pytest.mark.parametrize("size", range(len(CT_ROOTS)))
def test_published_roots_are_met_by_tree_and_frontier(size: int) -> None:
    leaves = [leaf_hash(data) for data in CT_LEAVES[:size]]

    assert tree_root(leaves).hex() == CT_ROOTS[size]
    assert frontier_root(grown(leaves)).hex() == CT_ROOTS[size]


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_tree_and_frontier_have_the_root_of_the_plain_recursion(data: list[bytes]) -> None:
    leaves = [leaf_hash(entry) for entry in data]

    assert tree_root(leaves) == frontier_root(grown(leaves)) == plain_root(leaves)


@given(st.integers(0, 1000))
def test_a_frontier_has_one_hash_for_every_bit_set_in_its_size(size: int) -> None:
    assert len(grown([leaf_hash(bytes([1]))] * size)) == size.bit_count()


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree_root([]) == frontier_root(()) == EMPTY_ROOT == sha256(b"").digest()


def test_a_leaf_can_not_pass_for_a_node() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")

    assert leaf_hash(left + right) != node_hash(left, right)
