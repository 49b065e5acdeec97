"""What pods, services and workloads do on a real node: one small scene for each promise."""

import json
import re

import pytest
from tests.harness.cluster import Cluster, eventually
from tests.harness.manifests import pod


class Scene:
    """kubectl in one test's namespace, and the questions that the tests ask again and again."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.cluster, self.namespace = cluster, namespace

    def kubectl(self, *words: str, check: bool = True, stdin: str | None = None) -> str:
        return self.cluster.kubectl("-n", self.namespace, *words, check=check, stdin=stdin)

    def apply(self, *manifests: str) -> None:
        self.kubectl("apply", "-f", "-", stdin="\n---\n".join(manifests))

    def pod(self, name: str, path: str) -> str:
        """A field of a pod, by JSONPath below it."""
        return self.kubectl("get", "pod", name, "-o", f"jsonpath={{{path}}}", check=False).strip()

    def ready(self, *names: str) -> None:
        pods = [f"pod/{name}" for name in names]
        self.kubectl("wait", "--for=condition=Ready", *pods, "--timeout=60s")

    def done(self, name: str, phase: str = "Succeeded") -> None:
        eventually(lambda: self.pod(name, ".status.phase") == phase, f"{name} is {phase}")

    def logs(self, name: str, *words: str) -> str:
        return self.kubectl("logs", name, *words)

    def sh(self, pod: str, script: str) -> str:
        return self.kubectl("exec", pod, "--", "sh", "-c", script)


@pytest.fixture
def scene(cluster: Cluster, namespace: str) -> Scene:
    return Scene(cluster, namespace)


def service(name: str, spec: str) -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {spec}"


def test_a_container_that_takes_too_much_memory_is_killed_and_said_to_be(scene: Scene) -> None:
    hog = pod("hog", "tail /dev/zero", container="resources: {limits: {memory: 16Mi}}", more="restartPolicy: Never")
    scene.apply(hog)
    scene.done("hog", "Failed")
    assert scene.pod("hog", ".status.containerStatuses[0].state.terminated.reason") == "OOMKilled"
    assert scene.pod("hog", ".status.qosClass") == "Burstable"


def test_init_containers_in_order_then_a_sidecar_beside_the_main_one(scene: Scene) -> None:
    mounts = "volumeMounts: [{name: v, mountPath: /v}]"
    more = f"""restartPolicy: Never
  volumes: [{{name: v, emptyDir: {{}}}}]
  initContainers:
  - {{name: one, image: busybox, command: [sh, -c, "echo 1 >> /v/order"], {mounts}}}
  - {{name: two, image: busybox, command: [sh, -c, "echo 2 >> /v/order"], {mounts}}}
  - name: beside
    image: busybox
    restartPolicy: Always
    command: [sh, -c, "trap 'exit 0' TERM; touch /v/beside; while true; do sleep 0.1; done"]
    startupProbe: {{exec: {{command: [test, -e, /v/beside]}}, periodSeconds: 1}}
    {mounts}"""
    scene.apply(pod("trio", "ls /v; cat /v/order", more=more, container=mounts))
    scene.done("trio")
    assert scene.logs("trio", "-c", "main").split() == ["beside", "order", "1", "2"]
    assert scene.pod("trio", ".status.initContainerStatuses[2].state.terminated.reason") != ""


def test_a_crashing_container_waits_longer_and_longer(scene: Scene) -> None:
    scene.apply(pod("crash", "echo attempt; exit 3"))
    waiting = ".status.containerStatuses[0].state.waiting.reason"
    eventually(lambda: scene.pod("crash", waiting) == "CrashLoopBackOff", "it backs off")
    assert scene.pod("crash", ".status.containerStatuses[0].lastState.terminated.exitCode") == "3"
    assert "attempt" in scene.logs("crash", "--previous")
    assert "Back-off restarting failed container" in scene.kubectl("get", "events")


def test_probes_restart_and_take_out_of_service(scene: Scene) -> None:
    live = "livenessProbe: {exec: {command: [test, -e, /tmp/live]}, periodSeconds: 1, failureThreshold: 1}"
    ready = "readinessProbe: {exec: {command: [test, -e, /tmp/ready]}, periodSeconds: 1, failureThreshold: 1}"
    script = "touch /tmp/live /tmp/ready; sleep 1000"
    scene.apply(
        pod("probed", script, container=f"{live}\n    {ready}"),
        service("probed", "{selector: {app: probed}, ports: [{port: 80}]}"),
    )
    scene.ready("probed")
    slices = ("get", "endpointslices", "-l", "kubernetes.io/service-name=probed", "-o")
    is_ready = (*slices, "jsonpath={.items[*].endpoints[*].conditions.ready}")
    eventually(lambda: scene.kubectl(*is_ready) == "true", "it is an endpoint")
    scene.sh("probed", "rm /tmp/ready")
    eventually(lambda: scene.kubectl(*is_ready) == "false", "it is taken out")
    scene.sh("probed", "rm /tmp/live")
    eventually(lambda: scene.pod("probed", ".status.containerStatuses[0].restartCount") == "1", "it is restarted")
    assert "Liveness probe failed" in scene.kubectl("get", "events")


CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: kept}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
"""


def test_hooks_and_graceful_termination(scene: Scene) -> None:
    hooks = """lifecycle:
      postStart: {exec: {command: [sh, -c, "echo post > /v/post"]}}
      preStop: {exec: {command: [sh, -c, "echo pre >> /v/end"]}}
    volumeMounts: [{name: v, mountPath: /v}]"""
    script = "trap 'echo term >> /v/end; exit 0' TERM; while true; do sleep 0.1; done"
    more = "volumes: [{name: v, persistentVolumeClaim: {claimName: kept}}]"
    scene.apply(CLAIM, pod("hooked", script, more=more, container=hooks).replace("Seconds: 1", "Seconds: 20"))
    scene.ready("hooked")
    assert scene.sh("hooked", "cat /v/post").strip() == "post"
    scene.kubectl("delete", "pod", "hooked", "--timeout=30s")
    reader = pod(
        "reader",
        "cat /v/end",
        more=f"restartPolicy: Never\n  {more}",
        container=hooks[hooks.index("volumeMounts") :],
    )
    scene.apply(reader)
    scene.done("reader")
    assert scene.logs("reader").split() == ["pre", "term"]


def test_environment_and_volumes_of_configuration(scene: Scene) -> None:
    scene.kubectl("create", "configmap", "conf", "--from-literal=color=red")
    scene.kubectl("create", "secret", "generic", "word", "--from-literal=pass=hush")
    container = """env:
    - {name: COLOR, valueFrom: {configMapKeyRef: {name: conf, key: color}}}
    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: BOTH, value: "$(COLOR)-$(POD)"}
    envFrom: [{secretRef: {name: word}, prefix: S_}]
    resources: {limits: {memory: 32Mi}}
    volumeMounts: [{name: c, mountPath: /c}, {name: p, mountPath: /p}, {name: m, mountPath: /m}]"""
    more = """volumes:
  - {name: c, configMap: {name: conf}}
  - {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  - name: p
    projected:
      sources:
      - secret: {name: word}
      - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}"""
    scene.apply(pod("env", more=more, container=container))
    scene.ready("env")
    assert scene.sh("env", "echo $BOTH $S_pass $LIMIT").split() == ["red-env", "hush", "32"]
    assert scene.sh("env", "echo $IP").strip() == scene.pod("env", ".status.podIP")
    assert scene.sh("env", "cat /c/color /p/pass /p/labels").strip() == 'redhushapp="env"'
    assert "tmpfs" in scene.sh("env", "mount | grep ' /m '")
    scene.kubectl("patch", "configmap", "conf", "-p", '{"data":{"color":"blue"}}')
    eventually(lambda: scene.sh("env", "cat /c/color") == "blue", "the file follows the ConfigMap", timeout=120)


def test_a_service_account_token_opens_the_api_from_inside(scene: Scene) -> None:
    scene.kubectl("create", "role", "look", "--verb=get,list", "--resource=pods")
    scene.kubectl("create", "rolebinding", "look", "--role=look", f"--serviceaccount={scene.namespace}:default")
    script = """
import json, ssl, urllib.request
d = "/var/run/secrets/kubernetes.io/serviceaccount/"
ns = open(d + "namespace").read()
request = urllib.request.Request("https://kubernetes.default.svc/api/v1/namespaces/" + ns + "/pods",
                                 headers={"Authorization": "Bearer " + open(d + "token").read()})
tls = ssl.create_default_context(cafile=d + "ca.crt")
print([p["metadata"]["name"] for p in json.load(urllib.request.urlopen(request, context=tls))["items"]])
"""
    python = pod("api", "x", more="restartPolicy: Never").replace("image: busybox", "image: python:3.11")
    python = python.replace('command: ["sh", "-c", "x"]', f'command: ["python3", "-c", {json.dumps(script)}]')
    scene.apply(python)
    scene.done("api")
    assert scene.logs("api").strip() == "['api']"


def test_security_contexts(scene: Scene) -> None:
    more = """securityContext: {runAsUser: 1000, fsGroup: 2000}
  volumes: [{name: v, emptyDir: {}}]
  restartPolicy: Never"""
    container = """securityContext:
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
    volumeMounts: [{name: v, mountPath: /v}]"""
    script = "id; touch /x 2>&1; touch /v/ok && stat -c %g /v/ok; grep CapEff /proc/self/status"
    scene.apply(pod("safe", script, more=more, container=container))
    scene.apply(pod("root", more="securityContext: {runAsNonRoot: true}"))
    scene.done("safe")
    said = scene.logs("safe")
    for word in ("uid=1000", "2000", "Read-only file system", "CapEff:\t0000000000000000"):
        assert word in said
    reason = ".status.containerStatuses[0].state.waiting.reason"
    eventually(lambda: scene.pod("root", reason) == "CreateContainerConfigError", "root is refused")


def test_a_missing_image_is_said_and_asked_for_again(scene: Scene) -> None:
    scene.apply(pod("missing").replace("image: busybox", "image: 127.0.0.1:5000/no/such:1"))
    reason = ".status.containerStatuses[0].state.waiting.reason"
    eventually(lambda: scene.pod("missing", reason) in ("ErrImagePull", "ImagePullBackOff"), "it is said")
    eventually(lambda: "Failed to pull image" in scene.kubectl("get", "events"), "and told as an event")


WEB = "mkdir /w; hostname > /w/index.html; httpd -f -p 8080 -h /w"


def test_services_reach_pods_by_every_way(scene: Scene) -> None:
    ports = "ports: [{name: http, containerPort: 8080, hostPort: 18088}]"
    scene.apply(
        pod("w1", WEB, labels="web", container=ports),
        pod("w2", WEB, labels="web"),
        pod("client"),
        service("web", "{selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}], type: NodePort}"),
        service("named", "{selector: {app: w1-only}, ports: [{port: 80, targetPort: http}]}"),
        service("sticky", "{selector: {app: web}, sessionAffinity: ClientIP, ports: [{port: 80, targetPort: 8080}]}"),
        service("direct", "{selector: {app: web}, clusterIP: None, ports: [{name: http, port: 8080}]}"),
        service("far", "{type: ExternalName, externalName: kubernetes.default.svc.cluster.local}"),
        service("nobody", "{selector: {app: nobody}, ports: [{port: 80}]}"),
    )
    scene.ready("w1", "w2", "client")

    def fetch(url: str, times: int = 1) -> set[str]:
        return set(scene.sh("client", f"for i in $(seq {times}); do wget -q -O - {url}; done").split())

    eventually(lambda: fetch("http://web/", 12) == {"w1", "w2"}, "both answer by the cluster address and name")
    assert len(fetch("http://sticky/", 8)) == 1
    node_port = scene.kubectl("get", "service", "web", "-o", "jsonpath={.spec.ports[0].nodePort}")
    for host in ("127.0.0.1", "10.244.0.1"):
        assert scene.cluster.run("curl", "-s", f"http://{host}:{node_port}/").stdout.strip() in ("w1", "w2")
    assert scene.cluster.run("curl", "-s", "http://127.0.0.1:18088/").stdout.strip() == "w1", "the host port"
    address = scene.kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
    assert scene.cluster.run("curl", "-s", f"http://{address}/").stdout.strip() in ("w1", "w2"), "from the node"
    assert {"w1", "w2"} >= set(scene.sh("w1", "for i in 1 2 3 4 5 6; do wget -q -O - http://web/; done").split())
    refused = scene.kubectl("exec", "client", "--", "wget", "-O", "-", "http://nobody/", check=False)
    assert "refused" in refused

    def names(name: str) -> str:
        return scene.sh("client", f"nslookup {name} || true")

    full = f"{scene.namespace}.svc.cluster.local"
    addresses = {scene.pod(name, ".status.podIP") for name in ("w1", "w2")}
    assert addresses <= set(re.findall(r"10\.244\.\d+\.\d+", names(f"direct.{full}")))
    assert "kubernetes.default.svc.cluster.local" in names(f"far.{full}")
    assert "NXDOMAIN" in names(f"none.{full}")
    scene.kubectl("delete", "pod", "w2", "--timeout=30s")
    eventually(lambda: fetch("http://web/", 6) == {"w1"}, "who is gone is not asked any more")


JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: NAME}
spec:
  SPEC
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: busybox, command: [sh, -c, "SCRIPT"]}]
"""


def job(name: str, script: str, spec: str) -> str:
    return JOB.replace("NAME", name).replace("SPEC", spec).replace("SCRIPT", script)


def test_jobs_end_well_or_badly(scene: Scene) -> None:
    indexed = "{completions: 3, parallelism: 2, completionMode: Indexed}"[1:-1].replace(", ", "\n  ")
    scene.apply(
        job("good", "echo $JOB_COMPLETION_INDEX", indexed),
        job("bad", "exit 1", "backoffLimit: 0"),
        job("brief", "true", "ttlSecondsAfterFinished: 1"),
    )
    scene.kubectl("wait", "--for=condition=Complete", "job/good", "--timeout=60s")
    assert sorted(scene.kubectl("logs", "-l", "job-name=good", "--tail=-1").split()) == ["0", "1", "2"]
    scene.kubectl("wait", "--for=condition=Failed", "job/bad", "--timeout=60s")
    reason = "jsonpath={.status.conditions[?(@.type=='Failed')].reason}"
    assert scene.kubectl("get", "job", "bad", "-o", reason) == "BackoffLimitExceeded"
    eventually(lambda: "NotFound" in scene.kubectl("get", "job", "brief", check=False), "it is tidied away")


STATEFUL = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: c
        image: busybox
        command: [sh, -c, "echo $HOSTNAME >> /data/who; sleep 1000"]
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
"""
DAEMON = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: everywhere}
spec:
  selector: {matchLabels: {app: everywhere}}
  template:
    metadata: {labels: {app: everywhere}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: busybox, command: [sleep, "1000"]}]
"""


def test_stateful_and_daemon_sets(scene: Scene) -> None:
    scene.apply(STATEFUL, DAEMON, service("db", "{selector: {app: db}, clusterIP: None, ports: [{port: 80}]}"))
    scene.kubectl("rollout", "status", "statefulset/db", "--timeout=60s")
    scene.kubectl("rollout", "status", "daemonset/everywhere", "--timeout=60s")
    eventually(lambda: scene.sh("db-0", f"nslookup db-1.db.{scene.namespace}.svc.cluster.local"), "a name of its own")
    scene.kubectl("delete", "pod", "db-1", "--timeout=30s")
    scene.kubectl("rollout", "status", "statefulset/db", "--timeout=60s")
    eventually(lambda: scene.sh("db-1", "cat /data/who").split() == ["db-1", "db-1"], "the same volume again")
    scene.kubectl("scale", "statefulset/db", "--replicas=0")
    eventually(lambda: "db-0" not in scene.kubectl("get", "pods"), "both go")
    assert scene.kubectl("get", "pvc", "-o", "name").split() == [
        "persistentvolumeclaim/data-db-0",
        "persistentvolumeclaim/data-db-1",
    ], "claims stay"


def test_owners_take_their_own_along_or_leave_it(scene: Scene) -> None:
    scene.kubectl("create", "deployment", "web", "--image=busybox", "--", "sleep", "1000")
    scene.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    scene.kubectl("delete", "deployment", "web", "--cascade=orphan")
    assert "replicaset.apps/web" in scene.kubectl("get", "replicasets", "-o", "name")
    scene.kubectl("delete", "replicaset", "--all", "--cascade=foreground", "--timeout=60s")
    assert "No resources found" in scene.kubectl("get", "pods"), "foreground: the pods went first"


def test_quotas_and_limits_refuse_in_words(scene: Scene) -> None:
    scene.kubectl("create", "quota", "small", "--hard=pods=1")
    scene.apply(pod("first"))
    refused = scene.kubectl("apply", "-f", "-", stdin=pod("second"), check=False)
    assert "exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1" in refused
    eventually(
        lambda: scene.kubectl("get", "quota", "small", "-o", "jsonpath={.status.used.pods}") == "1",
        "the quota's status",
    )


def test_what_the_node_tells_of_itself(cluster: Cluster) -> None:
    described = cluster.kubectl("describe", "node", "node-1")
    for word in ("containerd://", "MemoryPressure", "cpu:", "Allocated resources", "kubernetes.io/hostname=node-1"):
        assert word in described
    summary = json.loads(cluster.kubectl("get", "--raw", "/api/v1/nodes/node-1/proxy/stats/summary"))
    assert summary["node"]["memory"]["workingSetBytes"] > 0
    for page, word in (("metrics/cadvisor", "container_cpu_usage_seconds_total"), ("metrics/resource", "node_memory")):
        assert word in cluster.kubectl("get", "--raw", f"/api/v1/nodes/node-1/proxy/{page}")
