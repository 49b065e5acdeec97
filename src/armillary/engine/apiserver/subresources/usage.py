"""metrics.k8s.io: usage of nodes and pods, asked of the nodes' agents at each request."""

import asyncio
import logging
from collections.abc import Sequence

import aiohttp
import orjson

from armillary.base.errors import ApiError, BadRequest, MethodNotAllowed, NotFound
from armillary.engine.apiserver.ports import Answer, Call, Handler
from armillary.engine.apiserver.subresources.agents import Agents
from armillary.engine.apiserver.subresources.metrics_api import metrics_list, node_metrics, pod_metrics
from armillary.engine.kinds.metrics import NODE_METRICS, POD_METRICS
from armillary.engine.kinds.resource import Json
from armillary.kube.selectors import EVERYTHING, Selector, parse_selector

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0  # an agent that takes longer is left out, as metrics-server leaves it out


def usage_handlers(agents: Agents) -> dict[str, Handler]:
    """By resource name."""
    usage = Usage(agents)
    return {NODE_METRICS.name: usage.nodes, POD_METRICS.name: usage.pods}


class Usage:
    """Asks all agents, or the one that is meant."""

    def __init__(self, agents: Agents) -> None:
        self._agents = agents

    async def nodes(self, call: Call) -> Answer:
        """GET of one node's usage, or all nodes'."""
        selector = _selector(call)
        known = {
            node["metadata"]["name"]: node["metadata"].get("labels") or {} for node in call.server.objects.list("nodes")
        }
        if call.name and call.name not in known:
            raise NotFound(
                f'nodemetrics.metrics.k8s.io "{call.name}" not found', group="metrics.k8s.io", name=call.name
            )
        wanted = [call.name] if call.name else [name for name, labels in known.items() if selector.matches(labels)]
        found = [
            usage
            for summary in await self._summaries(call, wanted)
            if (usage := node_metrics(summary, known.get(summary["node"]["nodeName"]))) is not None
        ]
        return _answer(call, "NodeMetrics", found)

    async def pods(self, call: Call) -> Answer:
        """GET of one pod's usage, a namespace's pods' or all pods'."""
        selector = _selector(call)
        pods = {
            (pod["metadata"]["namespace"], pod["metadata"]["name"]): pod
            for pod in call.server.objects.list("pods", call.namespace)
        }
        labels = {key: pod["metadata"].get("labels") or {} for key, pod in pods.items()}
        homes = {pod.get("spec", {}).get("nodeName", "") for key, pod in pods.items() if call.name in ("", key[1])}
        found = [
            usage
            for summary in await self._summaries(call, sorted(homes - {""}))
            for usage in pod_metrics(summary, labels)
            if _is_wanted(usage, call, labels, selector)
        ]
        return _answer(call, "PodMetrics", found)

    async def _summaries(self, call: Call, nodes: Sequence[str]) -> list[Json]:
        answers = await asyncio.gather(*(self._summary(call, node) for node in nodes))
        return [answer for answer in answers if answer is not None]

    async def _summary(self, call: Call, node: str) -> Json | None:
        try:
            host, port = self._agents.address(call, node)
            async with asyncio.timeout(ANSWER_SECONDS):
                async with self._agents.session.get(f"https://{host}:{port}/stats/summary") as answer:
                    if answer.status != 200:
                        return None
                    summary: Json = orjson.loads(await answer.read())
                    return summary
        except (ApiError, aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as exc:
            log.info("no usage figures", extra={"node": node, "error": str(exc)})
            return None


def _selector(call: Call) -> Selector:
    if call.method not in ("GET", "HEAD"):
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    text = next(iter(call.query.get("labelSelector") or ()), "")
    try:
        return parse_selector(text) if text else EVERYTHING
    except ValueError as exc:
        raise BadRequest(str(exc)) from exc


def _is_wanted(usage: Json, call: Call, labels: dict[tuple[str, str], dict[str, str]], selector: Selector) -> bool:
    key = (usage["metadata"]["namespace"], usage["metadata"]["name"])
    return key in labels and call.name in ("", key[1]) and selector.matches(labels[key])


def _answer(call: Call, kind: str, found: list[Json]) -> Answer:
    if not call.name:
        return Answer(metrics_list(kind, found))
    if not found:
        said = f'{kind.lower()}.metrics.k8s.io "{call.name}" not found'
        raise NotFound(said, group="metrics.k8s.io", kind=kind, name=call.name)
    return Answer(found[0])
