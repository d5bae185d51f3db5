"""Rules on how this graph is reached by HTTP, and on options that only together make sense."""

from ray.serve._private.constants import DEFAULT_GRPC_PORT, DEFAULT_HTTP_PORT
from ray.serve.config import ProxyLocation
from ray.serve.schema import HTTPOptionsSchema

from deployments.marked_yaml import Place
from deployments.serve_schema import HOMES
from deployments.strict import Findings
from deployments.tree import Options, mapping

_TLS = ("ssl_certfile", "ssl_keyfile")
_SILENT = "nothing would answer HTTP"


def check_http(options: Options, findings: Findings) -> None:
    """Adds what is wrong with the addresses of a whole file."""
    http, grpc = mapping(options.get("http_options")), mapping(options.get("grpc_options"))
    port = http.get("port", DEFAULT_HTTP_PORT)
    if grpc and grpc.get("port", DEFAULT_GRPC_PORT) == port:
        findings.add(("grpc_options", "port"), f"{port} is that of HTTP already, http_options.port")
    for one, other in (_TLS, _TLS[::-1]):
        if http.get(one) and not (
            http.get(other) or HOMES.is_meant(other, HTTPOptionsSchema, http)
        ):
            findings.add(("http_options", one), f"needs {other} beside it; name both, or neither")


def check_reachable(
    options: Options, application: Options, place: Place, findings: Findings
) -> None:
    """Adds what keeps requests from an application of this graph.

    Args:
        options: of the whole file.
        application: of this graph.
        place: of the application.
        findings: what is wrong so far.
    """
    if options.get("proxy_location") == ProxyLocation.Disabled.value:
        cure = f"write {ProxyLocation.EveryNode.value}, or leave it out"
        findings.add(("proxy_location",), f"is Disabled: {_SILENT}; {cure}")
    if application.get("route_prefix", "/") is None:
        findings.add((*place, "route_prefix"), f"is null: {_SILENT}; write /, or leave it out")
