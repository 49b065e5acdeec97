"""Objects that several scenes begin with, as YAML."""

import json


def pod(name: str, script: str = "sleep 1000", *, more: str = "", container: str = "", labels: str = "") -> str:
    """A busybox pod. `more` are further lines of its spec, `container` of its container, both as flow YAML."""
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {labels or name}}}}}
spec:
  terminationGracePeriodSeconds: 1
  {more}
  containers:
  - name: main
    image: busybox
    command: ["sh", "-c", {json.dumps(script)}]
    {container}
"""
