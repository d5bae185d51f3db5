"""Runs what the documents say, beside the files that they name."""

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import polars as pl

from deployments.http import build_http
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.hybrid import HybridModel
from hybridrec.schema.answers import RecommendResponse
from tests.contracts.blocks import ROOT
from tests.unit.deployments.test_model_commands import QUICK
from tests.unit.deployments.test_service import build


def prepare(folder: Path, data: Path, bundle: Path, model: HybridModel) -> None:
    """Puts the files that the documents name into a folder, and the command itself."""
    shutil.copytree(bundle, folder / "bundle")
    (folder / ".demo").mkdir()
    (folder / ".demo" / "bundle").symlink_to(bundle)
    own = make_world(WorldConfig(n_users=50, n_tracks=80), np.random.default_rng(1)).dataset
    own.interactions.write_parquet(folder / "plays.parquet")
    songs = own.tracks.select("track_id", "artist", "year", song_name="title")
    songs.write_csv(folder / "songs.csv")
    users = pl.DataFrame({"user_id": model.knowledge.users.ids[:5]})
    users.write_csv(folder / "users.csv")
    tracks = pl.scan_parquet(data / "tracks.parquet").select("track_id").head(20).collect()
    users.join(tracks, how="cross").write_parquet(folder / "later_plays.parquet")
    (folder / "options.toml").write_text(QUICK)
    shutil.copytree(bundle, folder / "new-bundle")
    (folder / "later").mkdir()
    plays = pl.scan_parquet(data / "interactions.parquet").collect()
    alike = plays.with_columns(user_id=pl.lit("like ") + pl.col("user_id"))
    alike.write_parquet(folder / "later" / "interactions.parquet")
    shutil.copy(ROOT / "serve_config.yaml", folder)
    command = folder / "bin" / "hybridrec"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m deployments.cli "$@"\n')
    command.chmod(0o755)


def run(arguments: list[str], folder: Path) -> str:
    """Both streams of a command that must end with 0."""
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603  what our own documents say
        arguments,
        cwd=folder,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}"
    return done.stdout


def ask_in_process(model: HybridModel, bundle: Path, command: str) -> None:
    """Sends the request of a curl command to the service around a bundle."""
    _, _, url, _, header, _, body = shlex.split(command)
    name, value = header.split(": ")

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(build_http(build(model, bundle).service))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(url, content=body, headers={name: value})

    response = asyncio.run(once())
    assert response.status_code == 200, response.text
    answer = RecommendResponse.model_validate_json(response.content)
    said = json.loads(body)
    assert len(answer.items) == said["k"]
    assert answer.metadata.user_known == ("user_id" in said)
    assert answer.metadata.unknown_track_ids == answer.metadata.unknown_preferences == []
