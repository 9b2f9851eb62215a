"""The benchmark of what watching costs starts what a node starts."""

import httpx
import pytest

from benchmarks.monitoring.station import station


@pytest.mark.parametrize("watched", [False, True])
async def test_a_station_runs_and_is_watched_if_asked_for(tmp_path, watched):
    async with station(tmp_path, watched=watched) as running:
        assert (running.server is not None) is watched
        if running.server is not None:
            async with httpx.AsyncClient() as browser:
                answer = await browser.get(f"{running.server.url}api/state")
            assert answer.status_code == 200
