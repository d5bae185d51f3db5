"""The replica that speaks HTTP: it knows catalogue and users, and asks all other stages."""

from typing import Any

from ray import serve
from ray.serve.handle import DeploymentHandle
from starlette.applications import Starlette

from deployments import telemetry
from deployments.args import AppArgs
from deployments.fanout import Calls, FanOut
from deployments.http import build_http
from deployments.offload import Offload
from deployments.service import Service
from hybridrec.answers.desk import Desk
from hybridrec.answers.explainer import Explainer
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.calibrators import read_calibrators
from hybridrec.persistence.fusion import fallback_of
from hybridrec.persistence.knowledge import load_knowledge
from hybridrec.persistence.models import AUDIO_NETWORK
from hybridrec.schema.names import (
    AUDIO_PREDICTOR,
    META_FUSION,
    META_LEARNING,
    NMF_SCORER,
    TWO_TOWER_SCORER,
)
from hybridrec.store.sqlite import SQLiteProfileStore

Handle = DeploymentHandle[Any]
N_THREADS = 4
"""Few: they share one interpreter, and the profile store waits for the disk."""


class IngressReplica:
    """Answers over HTTP."""

    def __init__(
        self,
        args: AppArgs,
        nmf_scorer: Handle,
        two_tower_scorer: Handle,
        audio_predictor: Handle,
        meta_fusion: Handle,
    ) -> None:
        telemetry.write_to_stderr()
        bundle = open_bundle(args.bundle)
        knowledge, calibrators = load_knowledge(bundle), read_calibrators(bundle)
        of_meta = calibrators.fusions[META_LEARNING].interval.interval()
        explainer = Explainer(args.explanations, of_meta.widest)
        desk = Desk(knowledge, args.ranking, explainer, args.fusion)
        fallback = fallback_of(calibrators, knowledge.catalog.interactions)
        offload = Offload(N_THREADS)
        calls = Calls(
            retrieve_cf=nmf_scorer.retrieve.remote,
            retrieve_content=two_tower_scorer.retrieve.remote,
            score_cf=nmf_scorer.score.remote,
            score_content=two_tower_scorer.score.remote,
            predict_audio=audio_predictor.predict.remote,
            fuse=meta_fusion.fuse.remote,
        )
        self._service = Service(
            desk=desk,
            manifest=bundle.manifest,
            store=SQLiteProfileStore(args.store) if args.store else None,
            fanout=FanOut(calls, fallback, offload, AUDIO_NETWORK in bundle),
            probes={
                NMF_SCORER: nmf_scorer.ready.remote,
                TWO_TOWER_SCORER: two_tower_scorer.ready.remote,
                AUDIO_PREDICTOR: audio_predictor.ready.remote,
                META_FUSION: meta_fusion.ready.remote,
            },
            offload=offload,
            deadline_s=args.deadline_s,
        )

    def __serve_build_asgi_app__(self) -> Starlette:
        """Called by Ray once the constructor ran."""
        return build_http(self._service, is_behind_ray=True)


IngressDeployment = serve.deployment(name="Ingress")(serve.ingress()(IngressReplica))
