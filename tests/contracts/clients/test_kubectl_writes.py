"""What stock kubectl writes: create, apply, patch, edit, label, replace, diff, prune, kustomize."""

import json
from dataclasses import replace

import pytest
from tests.contracts.clients.conftest import Manifests
from tests.harness.served import Kubectl

MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: m, labels: {app: m}}
data: {k: one}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: first, image: busybox, ports: [{containerPort: 80}]}
      - {name: second, image: busybox}
"""

# `kubectl create` knows these; what it prints when it made one.
GENERATORS = {
    "clusterrole {ns} --verb=get --resource=pods": "clusterrole.rbac.authorization.k8s.io/{ns} created",
    "clusterrole {ns}-sum --aggregation-rule=a=b": "clusterrole.rbac.authorization.k8s.io/{ns}-sum created",
    "clusterrolebinding {ns} --clusterrole=view --user=u": "clusterrolebinding.rbac.authorization.k8s.io/{ns} created",
    "configmap c --from-literal=a=b": "configmap/c created",
    "cronjob cj --image=x --schedule=@hourly -- date": "cronjob.batch/cj created",
    "deployment d --image=x --replicas=0 --port=80": "deployment.apps/d created",
    "ingress i --rule=a.b/x=svc:80,tls=s --class=c": "ingress.networking.k8s.io/i created",
    "job j --image=x -- date": "job.batch/j created",
    "job from --from=cronjob/cj": "job.batch/from created",
    "namespace {ns}-n": "namespace/{ns}-n created",
    "poddisruptionbudget p --selector=a=b --min-available=50%": "poddisruptionbudget.policy/p created",
    "priorityclass {ns} --value=10 --description=d": "priorityclass.scheduling.k8s.io/{ns} created",
    "quota q --hard=pods=10,cpu=2 --scopes=NotTerminating": "resourcequota/q created",
    "role r --verb=get --resource=pods --resource-name=a": "role.rbac.authorization.k8s.io/r created",
    "rolebinding rb --role=r --serviceaccount={ns}:default": "rolebinding.rbac.authorization.k8s.io/rb created",
    "secret generic s --from-literal=a=b": "secret/s created",
    "secret docker-registry sd --docker-username=u --docker-password=p": "secret/sd created",
    "service clusterip sc --tcp=80:8080": "service/sc created",
    "service clusterip headless --clusterip=None": "service/headless created",
    "service nodeport sn --tcp=80": "service/sn created",
    "service loadbalancer sl --tcp=80": "service/sl created",
    "service externalname se --external-name=a.b": "service/se created",
    "serviceaccount sa": "serviceaccount/sa created",
}


def test_every_generator_of_create(kubectl: Kubectl) -> None:
    for words, printed in GENERATORS.items():
        made = kubectl("create", *words.format(ns=kubectl.namespace).split())
        assert made == printed.format(ns=kubectl.namespace) + "\n", words
    token = kubectl("create", "token", "sa", "--duration=10m", "--audience=somebody").strip()
    assert token.count(".") == 2
    again = kubectl.fails("create", "serviceaccount", "sa")
    assert again == 'error: failed to create serviceaccount: serviceaccounts "sa" already exists\n'
    kubectl("delete", f"clusterrole/{kubectl.namespace}", f"clusterrole/{kubectl.namespace}-sum")
    kubectl("delete", f"clusterrolebinding/{kubectl.namespace}", f"priorityclass/{kubectl.namespace}")
    kubectl("delete", "namespace", f"{kubectl.namespace}-n", "--wait=false")


def test_a_token_is_somebody(kubectl: Kubectl) -> None:
    token = kubectl("create", "token", "default").strip()
    bare = {
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": token}}],
    }  # fmt: skip
    shown = json.loads(kubectl("config", "view", "--raw", "-o", "json"))
    bare["clusters"] = [{"name": "c", "cluster": shown["clusters"][0]["cluster"]}]
    path = kubectl.kubeconfig.with_name(f"{kubectl.namespace}.kubeconfig")
    path.write_text(json.dumps(bare))
    account = replace(kubectl, kubeconfig=path)
    assert f"system:serviceaccount:{kubectl.namespace}:default" in account("auth", "whoami")
    assert "cannot list resource" in account.fails("get", "pods")


def test_expose_run_set_and_autoscale(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=WEB)
    assert kubectl("expose", "deployment", "web") == "service/web exposed\n"
    assert kubectl("get", "svc", "web", "-o", "jsonpath={.spec.selector.app} {.spec.ports[0].port}") == "web 80"
    assert kubectl("run", "one", "--image=busybox", "--restart=Never") == "pod/one created\n"
    assert kubectl("set", "image", "deploy/web", "first=other") == "deployment.apps/web image updated\n"
    assert kubectl("set", "env", "deploy/web", "A=b") == "deployment.apps/web env updated\n"
    assert "resource requirements updated" in kubectl("set", "resources", "deploy/web", "--limits=cpu=1,memory=1Gi")
    assert kubectl("set", "serviceaccount", "deploy/web", "x") == "deployment.apps/web serviceaccount updated\n"
    assert "autoscaled" in kubectl("autoscale", "deploy", "web", "--max=3", "--cpu-percent=50")
    spec = json.loads(kubectl("get", "deploy", "web", "-o", "json"))["spec"]["template"]["spec"]
    assert [c["image"] for c in spec["containers"]] == ["other", "busybox"]
    assert spec["containers"][1]["env"] == [{"name": "A", "value": "b"}]
    assert spec["serviceAccountName"] == "x"


def test_apply_creates_configures_and_leaves_alone(kubectl: Kubectl, manifest: Manifests) -> None:
    assert kubectl("apply", "-f", "-", stdin=MAP) == "configmap/m created\n"
    assert kubectl("apply", "-f", "-", stdin=MAP) == "configmap/m unchanged\n"
    kubectl("patch", "cm", "m", "-p", '{"data": {"other": "kept"}}')
    assert kubectl("apply", "-f", "-", stdin=MAP.replace("k: one", "j: two")) == "configmap/m configured\n"
    assert json.loads(kubectl("get", "cm", "m", "-o", "jsonpath={.data}")) == {"j": "two", "other": "kept"}
    kubectl("apply", "-f", manifest(WEB))
    changed = WEB.replace("image: busybox, ports: [{containerPort: 80}]", "image: other").replace(
        "replicas: 0", "replicas: 1"
    )
    assert kubectl("apply", "-f", manifest(changed)) == "deployment.apps/web configured\n"
    spec = json.loads(kubectl("get", "deploy", "web", "-o", "json"))["spec"]
    assert (spec["replicas"], spec["template"]["spec"]["containers"][0].get("ports")) == (1, None)
    last = kubectl("apply", "view-last-applied", "deploy/web", "-o", "json")
    assert json.loads(last)["spec"]["replicas"] == 1


def test_apply_on_the_server(kubectl: Kubectl) -> None:
    assert kubectl("apply", "--server-side", "-f", "-", stdin=MAP) == "configmap/m serverside-applied\n"
    changed = MAP.replace("k: one", "j: two")
    assert kubectl("apply", "--server-side", "-f", "-", stdin=changed) == "configmap/m serverside-applied\n"
    assert json.loads(kubectl("get", "cm", "m", "-o", "jsonpath={.data}")) == {"j": "two"}
    managed = json.loads(kubectl("get", "cm", "m", "-o", "json", "--show-managed-fields"))["metadata"]["managedFields"]
    assert [(m["manager"], m["operation"]) for m in managed] == [("kubectl", "Apply")]
    assert kubectl("apply", "--server-side", "-f", "-", stdin=WEB) == "deployment.apps/web serverside-applied\n"
    fewer = WEB.replace("      - {name: second, image: busybox}\n", "")
    kubectl("apply", "--server-side", "-f", "-", stdin=fewer)
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={..containers[*].name}") == "first"


def test_apply_prunes_what_is_no_more_in_the_manifest(kubectl: Kubectl) -> None:
    another = MAP.replace("name: m,", "name: other,")
    words = ("apply", "--prune", "-l", "app=m", "--prune-allowlist=core/v1/ConfigMap", "-f", "-")
    kubectl(*words, stdin=f"{MAP}---{another}")
    assert kubectl(*words, stdin=MAP) == "configmap/m unchanged\nconfigmap/other pruned\n"


def test_unknown_fields_are_refused_or_told(kubectl: Kubectl) -> None:
    wrong = MAP + "sped: {a: 1}\n"
    why = kubectl.fails("apply", "--validate=strict", "-f", "-", stdin=wrong)
    assert 'strict decoding error: unknown field "sped"' in why
    warned = kubectl.run("apply", "--validate=warn", "-f", "-", stdin=wrong)
    assert (warned.stdout, warned.stderr) == ("configmap/m created\n", 'Warning: unknown field "sped"\n')
    assert kubectl.run("apply", "--validate=ignore", "-f", "-", stdin=wrong).stderr == ""


def test_a_dry_run_on_the_server_changes_nothing(kubectl: Kubectl) -> None:
    assert kubectl("apply", "--dry-run=server", "-f", "-", stdin=MAP) == "configmap/m created (server dry run)\n"
    assert kubectl("get", "cm", "m", "--ignore-not-found") == ""
    kubectl("create", "-f", "-", stdin=MAP)
    patched = kubectl("patch", "cm", "m", "-p", '{"data": {"k": "x"}}', "--dry-run=server", "-o", "jsonpath={.data.k}")
    assert patched == "x"
    assert "(server dry run)" in kubectl("delete", "cm", "m", "--dry-run=server")
    assert kubectl("get", "cm", "m", "-o", "jsonpath={.data.k}") == "one"


def test_patches_of_each_type(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=WEB)
    containers = '{"spec": {"template": {"spec": {"containers": [{"name": "second", "image": "new"}]}}}}'
    images = ("get", "deploy", "web", "-o", "jsonpath={..containers[*].image}")
    assert kubectl("patch", "deploy", "web", "-p", containers) == "deployment.apps/web patched\n"
    assert kubectl(*images) == "busybox new"
    assert kubectl("patch", "deploy", "web", "-p", containers) == "deployment.apps/web patched (no change)\n"
    tested = '{"op": "test", "path": "/spec/replicas", "value": 0}'
    operations = f'[{tested}, {{"op": "replace", "path": "/spec/replicas", "value": 1}}]'
    kubectl("patch", "deploy", "web", "--type=json", "-p", operations)
    refused = "The request is invalid: the server rejected our request due to an error in our request\n"
    assert kubectl.fails("patch", "deploy", "web", "--type=json", "-p", operations) == refused
    kubectl("patch", "deploy", "web", "--type=merge", "-p", containers)
    assert kubectl(*images) == "new"
    kubectl("patch", "deploy", "web", "--subresource=scale", "--type=merge", "-p", '{"spec": {"replicas": 0}}')
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "0"
    assert kubectl("get", "deploy", "web", "--subresource=status", "-o", "name") == "deployment.apps/web\n"


def test_edit_sends_what_the_editor_left(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=MAP)

    def edit(script: str) -> Kubectl:
        return replace(kubectl, environment={"KUBE_EDITOR": f"sed -i -e {script}"})

    assert edit("s/one/two/")("edit", "cm", "m") == "configmap/m edited\n"
    assert kubectl("get", "cm", "m", "-o", "jsonpath={.data.k}") == "two"
    assert edit("s/none/x/").run("edit", "cm", "m").stderr == "Edit cancelled, no changes made.\n"
    kubectl("create", "-f", "-", stdin=WEB)
    assert edit("s/replicas:.0/replicas:\\ 1/")("edit", "deploy", "web") == "deployment.apps/web edited\n"
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "1"


def test_labels_and_annotations(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=MAP)
    assert kubectl("label", "cm", "m", "x=1") == "configmap/m labeled\n"
    assert "already has a value (1), and --overwrite is false" in kubectl.fails("label", "cm", "m", "x=2")
    assert kubectl("label", "cm", "m", "x=2", "--overwrite") == "configmap/m labeled\n"
    assert kubectl("label", "cm", "m", "x-") == "configmap/m unlabeled\n"
    assert kubectl("annotate", "cm", "--all", "note=well done").startswith("configmap/")
    assert kubectl("annotate", "cm", "m", "--list") == "note=well done\n"
    why = kubectl.fails("label", "cm", "m", "x=a/b")
    assert "a valid label must be an empty string or consist of alphanumeric characters" in why


def test_replace_keeps_to_the_version_it_saw(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=MAP)
    seen = kubectl("get", "cm", "m", "-o", "json")
    assert kubectl("replace", "-f", "-", stdin=seen.replace('"one"', '"two"')) == "configmap/m replaced\n"
    why = kubectl.fails("replace", "-f", "-", stdin=seen.replace('"one"', '"three"'))
    assert why == (
        'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "m": '
        "the object has been modified; please apply your changes to the latest version and try again\n"
    )
    uid = ("get", "cm", "m", "-o", "jsonpath={.metadata.uid}")
    before = kubectl(*uid)
    assert kubectl("replace", "--force", "-f", "-", stdin=MAP).endswith("configmap/m replaced\n")
    assert kubectl(*uid) != before
    absent = kubectl.fails("replace", "-f", "-", stdin=MAP.replace("name: m,", "name: other,"))
    assert 'configmaps "other" not found' in absent


def test_diff_shows_what_would_change(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=WEB)
    # The controller notes a revision, and upstream counts a generation for that, too.
    kubectl("wait", "deploy/web", "--for=jsonpath={.status.observedGeneration}=2", "--timeout=30s")
    same = kubectl.run("diff", "-f", "-", stdin=WEB)
    assert (same.returncode, same.stdout) == (0, "")
    other = kubectl.run("diff", "-f", "-", stdin=WEB.replace("replicas: 0", "replicas: 3"))
    assert other.returncode == 1, other.stderr
    changed = [line for line in other.stdout.splitlines() if line[:2] in ("- ", "+ ")]
    assert changed == ["-  generation: 2", "+  generation: 3", "-  replicas: 0", "+  replicas: 3"]
    fresh = kubectl.run("diff", "--server-side", "-f", "-", stdin=MAP)
    assert fresh.returncode == 1
    assert "+data:" in fresh.stdout


def test_kustomize(kubectl: Kubectl, manifest: Manifests) -> None:
    manifest(WEB, "base/web.yaml")
    manifest("resources: [web.yaml]\n", "base/kustomization.yaml")
    manifest("spec: {replicas: 2}\n", "over/patch.yaml")
    overlay = """
    resources: [../base]
    namePrefix: my-
    labels: [{pairs: {team: a}}]
    patches: [{target: {kind: Deployment}, patch: '[{"op": "replace", "path": "/spec/replicas", "value": 0}]'}]
    configMapGenerator: [{name: made, literals: [a=b]}]
    """
    directory = manifest(overlay, "over/kustomization.yaml").removesuffix("/kustomization.yaml")
    printed = kubectl("apply", "-k", directory).splitlines()
    assert printed[0].startswith("configmap/my-made-")
    assert printed[1] == "deployment.apps/my-web created"
    assert kubectl("get", "deploy", "-l", "team=a", "-o", "name") == "deployment.apps/my-web\n"
    assert kubectl("delete", "-k", directory).count("deleted") == 2


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_get_printed_can_be_created_anew(kubectl: Kubectl, form: str) -> None:
    kubectl("create", "-f", "-", stdin=WEB)
    kubectl("create", "-f", "-", stdin=MAP)
    printed = kubectl("get", "deploy/web", "cm/m", "-o", form)
    kubectl("delete", "deploy/web", "cm/m")
    assert kubectl("create", "-f", "-", stdin=printed) == "deployment.apps/web created\nconfigmap/m created\n"
