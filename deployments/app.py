"""The graph as one expression."""

from ray.serve import Application

from deployments.args import AppArgs
from deployments.audio_predictor import AudioPredictorDeployment
from deployments.ingress import IngressDeployment
from deployments.meta_fusion import MetaFusionDeployment
from deployments.nmf_scorer import NMFScorerDeployment
from deployments.two_tower_scorer import TwoTowerScorerDeployment

__all__ = ["DEPLOYMENTS", "AppArgs", "build_app"]

DEPLOYMENTS = (
    IngressDeployment,
    NMFScorerDeployment,
    TwoTowerScorerDeployment,
    AudioPredictorDeployment,
    MetaFusionDeployment,
)
"""All that ``build_app`` binds."""


def build_app(args: AppArgs) -> Application:
    """Five deployments; replicas get paths and load their own part of the bundle."""
    bundle, providers = str(args.bundle), args.providers
    return IngressDeployment.bind(
        args,
        nmf_scorer=NMFScorerDeployment.bind(bundle),
        two_tower_scorer=TwoTowerScorerDeployment.bind(bundle, providers),
        audio_predictor=AudioPredictorDeployment.bind(bundle, providers),
        meta_fusion=MetaFusionDeployment.bind(bundle, providers),
    )
