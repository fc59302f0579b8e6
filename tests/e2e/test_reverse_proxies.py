"""Reverse proxies as Debian ships them in front of the server, with nothing but its address."""

import asyncio
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.support.http_client import Address, opened, request
from tests.support.reverse_proxies import PROXIES, reverse_proxy
from tests.support.serving import settled
from tests.support.stack import HOME_DC, MIB
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes

SIZE, SEED, WATCHED = 192 * MIB, 5, 2 * MIB
READAHEAD = 16 * MIB
LATE = 8 * MIB
"""What may have arrived behind an answer that was late when the proxy stopped taking."""
HELD_BY_PROXY = MIB


def held_by_kernel() -> int:
    """Bytes that two connections may hold in this kernel: the server's to the proxy, and the proxy's to the viewer."""
    limits = [Path(f"/proc/sys/net/ipv4/{name}").read_text().split()[2] for name in ("tcp_rmem", "tcp_wmem")]
    return sum(map(int, limits))


def taken(whole: Whole) -> int:
    """Bytes of files that the kernel has taken from the server."""
    sample = whole.services.metrics.registry.get_sample_value
    tiers = ("memory", "disk", "telegram")
    return int(sum(sample("streamvault_bytes_total", {"tier": tier}) or 0 for tier in tiers))


@pytest.mark.parametrize("name", list(PROXIES))
async def test_a_slow_viewer_behind_a_bare_proxy_costs_what_is_watched(tmp_path: Path, name: str) -> None:
    """M: what is asked of Telegram stays near what is watched, and the proxy stores nothing."""
    async with (
        whole_product(tmp_path, cache_memory=0, cache_disk=0) as whole,
        reverse_proxy(name, tmp_path / "proxy", whole.address) as proxy,
    ):
        path = await whole.post(SIZE, dc_id=HOME_DC, seed=SEED)
        memory, before = proxy.memory(), whole.getfile_bytes()
        async with opened(proxy.address, path, receive_buffer=65_536) as exchange:
            assert exchange.reply.status == 200
            assert await exchange.reader.readexactly(WATCHED) == synthetic_bytes(SEED, 0, WATCHED)
            await settled(whole.getfile_bytes, still=1.0, within=60)
            assert whole.getfile_bytes() - before <= taken(whole) + READAHEAD + LATE
            assert taken(whole) <= WATCHED + held_by_kernel() + HELD_BY_PROXY
            assert proxy.memory() - memory < 16 * MIB
            assert proxy.stored() == 0


@pytest.mark.parametrize("name", list(PROXIES))
async def test_ranges_through_a_bare_proxy_are_exact(tmp_path: Path, name: str) -> None:
    """M: a seek, a suffix and an open range; the viewer's hang-up reaches the server."""
    async with (
        whole_product(tmp_path, cache_memory=0, cache_disk=0) as whole,
        reverse_proxy(name, tmp_path / "proxy", whole.address) as proxy,
    ):
        path = await whole.post(SIZE, dc_id=HOME_DC, seed=SEED)
        for given, start, stop in (
            (f"{150 * MIB + 11}-{150 * MIB + 1010}", 150 * MIB + 11, 150 * MIB + 1011),
            (f"{SIZE - 1000}-{SIZE - 1}", SIZE - 1000, SIZE),
            ("-777", SIZE - 777, SIZE),
            ("-300000", SIZE - 300_000, SIZE),
            (f"{SIZE - 500_000}-", SIZE - 500_000, SIZE),
            (f"{SIZE - 1}-", SIZE - 1, SIZE),
        ):
            reply = await request(proxy.address, path, headers={"Range": f"bytes={given}"})
            assert (reply.status, reply.headers["content-range"]) == (206, f"bytes {start}-{stop - 1}/{SIZE}")
            assert reply.headers["content-length"] == str(stop - start)
            assert reply.body == synthetic_bytes(SEED, start, stop - start)
        async with opened(proxy.address, path, headers={"Range": f"bytes={MIB}-"}, receive_buffer=65_536) as exchange:
            assert await exchange.reader.readexactly(1000) == synthetic_bytes(SEED, MIB, 1000)
            exchange.hang_up()
        active = whole.services.metrics.registry.get_sample_value
        await until(lambda: active("streamvault_streams_active") == 0, timeout=30)


async def status(proxy: Address, *, source: str, forged: str) -> int:
    """The answer to a client at `source`, an address of this machine, who says that it is `forged`."""
    reader, writer = await asyncio.open_connection(*proxy, local_addr=(source, 0))
    fields = f"Host: 127.0.0.1\r\nX-Forwarded-For: {forged}\r\nConnection: close\r\n\r\n"
    writer.write(f"GET /api/catalog HTTP/1.1\r\n{fields}".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ")[1])


@pytest.mark.parametrize("name", ["Caddy", "Apache"])
async def test_clients_behind_a_trusted_proxy_are_told_apart_by_it_alone(tmp_path: Path, name: str) -> None:
    """The proxies that set X-Forwarded-For by themselves: what a client writes there does not count."""
    async with (
        whole_product(tmp_path, rate_limit=3, trusted_proxies=(ip_network("127.0.0.1/32"),)) as whole,
        reverse_proxy(name, tmp_path / "proxy", whole.address) as proxy,
    ):
        for counters in whole.services.admission.limits.counters.values():
            counters._clock = lambda: 1e9
        found = [await status(proxy.address, source="127.0.0.5", forged=f"192.0.2.{number}") for number in range(5)]
        assert found == [200, 200, 200, 429, 429]
        assert await status(proxy.address, source="127.0.0.6", forged="127.0.0.5") == 200
