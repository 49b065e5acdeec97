/** The wizards of kinds that are no workloads: what they begin with, and their steps after the basics. */
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import type { ComponentType } from "react";
import type { KubeObject } from "@/api/kube";
import type { Form, Step } from "../engine/form";
import { Basics } from "../fields/Basics";
import { get, type Path } from "../model/path";
import { ClaimStep } from "./ClaimStep";
import { ConfigMapStep } from "./ConfigMapStep";
import { NetworkPolicyStep } from "./NetworkPolicyStep";
import { SecretStep } from "./SecretStep";
import { AutoscalerStep, RouteStep, ServiceAccountStep, ServiceStep, StorageClassStep } from "./steps";

interface Short {
  apiVersion: string;
  kind: string;
  rest: Record<string, unknown>;
  step: MessageDescriptor;
  lead?: MessageDescriptor;
  component: ComponentType;
  /** What has to be there beside the name. */
  needs?: Path[];
}

const SHORT: Record<string, Short> = {
  services: {
    apiVersion: "v1", kind: "Service", rest: { spec: { selector: {}, ports: [{ port: 80 }] } },
    step: msg`Pods and ports`, lead: msg`Which pods answer, and on which ports.`, component: ServiceStep,
  },
  ingresses: {
    apiVersion: "networking.k8s.io/v1", kind: "Ingress",
    rest: { spec: { rules: [{ host: "", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "", port: { number: 80 } } } }] } }] } },
    step: msg`Hosts and paths`, lead: msg`Which requests from outside go to which service.`, component: RouteStep,
    needs: [["spec", "rules", 0, "http", "paths", 0, "backend", "service", "name"]],
  },
  persistentvolumeclaims: {
    apiVersion: "v1", kind: "PersistentVolumeClaim", rest: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
    step: msg`Storage`, lead: msg`How much of which kind of storage.`, component: ClaimStep,
  },
  configmaps: { apiVersion: "v1", kind: "ConfigMap", rest: {}, step: msg`Data`, component: ConfigMapStep },
  secrets: { apiVersion: "v1", kind: "Secret", rest: { type: "Opaque" }, step: msg`Values`, lead: msg`They are encoded for you.`, component: SecretStep },
  serviceaccounts: { apiVersion: "v1", kind: "ServiceAccount", rest: {}, step: msg`Settings`, component: ServiceAccountStep },
  networkpolicies: {
    apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", rest: { spec: { podSelector: {}, policyTypes: ["Ingress"] } },
    step: msg`Rules`, lead: msg`Once a policy names a pod, only what is allowed gets through.`, component: NetworkPolicyStep,
  },
  horizontalpodautoscalers: {
    apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler",
    rest: {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "" }, minReplicas: 1, maxReplicas: 3,
        metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
      },
    },
    step: msg`Scaling`, lead: msg`What is scaled, between which numbers, by what.`, component: AutoscalerStep, needs: [["spec", "scaleTargetRef", "name"]],
  },
  storageclasses: {
    apiVersion: "storage.k8s.io/v1", kind: "StorageClass", rest: { provisioner: "", reclaimPolicy: "Delete", volumeBindingMode: "WaitForFirstConsumer" },
    step: msg`Storage system`, component: StorageClassStep, needs: [["provisioner"]],
  },
};

export function shortForm(id: string): Form {
  const { apiVersion, kind, rest, step, lead, component, needs = [] } = SHORT[id]!;
  const basics: Step = { id: "basics", title: msg`Basics`, owns: () => true, component: Basics };
  const settings: Step = { id: "settings", title: step, lead, owns: (_, field) => !field.startsWith("metadata"), component };
  const has = (doc: KubeObject, path: Path) => Boolean(get(doc, path));
  return {
    steps: () => [basics, settings],
    blank: (namespace) => [{ apiVersion, kind, metadata: { name: "", ...(namespace ? { namespace } : {}) }, ...rest }],
    ready: (docs) => Boolean(docs[0]?.metadata?.name) && docs[0]!.kind === kind && needs.every((path) => has(docs[0]!, path)),
  };
}

export const isShort = (id: string) => id in SHORT;
