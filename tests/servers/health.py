"""A gRPC server with the standard health service, made by grpcio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from tests.servers.run import Place


@dataclass
class Health(Place):
    """Where it listens, and the metadata of each call."""

    calls: list[dict[str, str]] = field(default_factory=list)


class _Servicer(health.HealthServicer):  # type: ignore[misc]  # it has no types
    def __init__(self, calls: list[dict[str, str]], fails: grpc.StatusCode | None) -> None:
        super().__init__()
        self._calls, self._fails = calls, fails

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802 - its name in gRPC
        self._calls.append(dict(context.invocation_metadata()))
        if self._fails:
            context.abort(self._fails, "no, and here is wh\u00fd")
        return super().Check(request, context)


@contextmanager
def serving(
    services: Mapping[str, str],
    *,
    tls: tuple[str, str] | None = None,
    fails: grpc.StatusCode | None = None,
    without: bool = False,
) -> Iterator[Health]:
    """Run a server whose services are in the states named; ``tls`` is its certificate and key.

    ``fails`` is what it answers to every call; ``without`` leaves the health service out.
    """
    server = grpc.server(futures.ThreadPoolExecutor(2))
    place = Health("127.0.0.1", 0)
    servicer = _Servicer(place.calls, fails)
    for name, state in services.items():
        servicer.set(name, health_pb2.HealthCheckResponse.ServingStatus.Value(state))
    if not without:
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if tls is None:
        place.port = server.add_insecure_port("127.0.0.1:0")
    else:
        certificate, key = (Path(path).read_bytes() for path in tls)
        shown = grpc.ssl_server_credentials([(key, certificate)])
        place.port = server.add_secure_port("127.0.0.1:0", shown)
    server.start()
    try:
        yield place
    finally:
        server.stop(0).wait()
