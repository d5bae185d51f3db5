from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Known
from hybridrec.answers.present import views
from hybridrec.catalog import Catalog
from hybridrec.schema.evidence import Evidence
from hybridrec.schema.wire import RecommendRequest
from tests.unit.answers.stages import Stages


@pytest.mark.parametrize(
    "title", [pytest.param(None, id="no title"), pytest.param("", id="an empty title")]
)
def test_evidence_without_a_title_is_named_by_its_id(desk: Desk, title: str | None) -> None:
    catalog = desk.knowledge.catalog
    table = catalog.table.with_columns(
        pl.when(pl.col("track_id") != "t1").then("title").otherwise(pl.lit(title)).alias("title")
    )
    nameless = replace(desk.knowledge, catalog=Catalog.of(table, catalog.interactions))
    stages = Stages(cf={0: 0.8}, content={})
    request = RecommendRequest(user_id="bob", candidates=["t0"])
    planned = replace(desk, knowledge=nameless).plan([request], [Known.nothing()], np.inf)
    scored = stages.scored(planned)
    evidence = Evidence(
        np.array([[1]], np.int32), np.array([[1.0]], np.float32), np.zeros(1, np.float32)
    )
    scored = replace(scored, cf=replace(scored.cf, evidence=evidence))

    (view,) = views(planned, scored, nameless)
    (said,) = desk.explainer.explained(view, [0])

    assert said.reasons[0].values == ["t1"]
    assert said.sentence is not None
    assert "you played “t1”" in said.sentence
