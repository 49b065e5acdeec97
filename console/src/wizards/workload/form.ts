/** The wizard of workloads: its steps and which fields each of them shows. */
import { msg } from "@lingui/core/macro";
import type { Form, Step } from "../engine/form";
import { isWithin } from "../model/path";
import { Basics } from "../fields/Basics";
import { ContainersStep } from "./ContainersStep";
import { JobStep } from "./JobStep";
import { blankWorkload, containersOf, podOf, renamed, type WorkloadKind, WORKLOADS } from "./model";
import { NetworkStep } from "./NetworkStep";
import { PlacementStep } from "./PlacementStep";
import { StorageStep } from "./StorageStep";
import { fieldOf } from "../model/path";

const isWorkload = (kind: string) => (WORKLOADS as readonly string[]).includes(kind);

/** Whether an error's field stands in one of these of the workload's pods. */
const inPod = (...names: string[]) => (kind: string, field: string) =>
  isWorkload(kind) && names.some((name) => isWithin(field, fieldOf([...podOf(kind), name])));

const basics: Step = { id: "basics", title: msg`Basics`, owns: (kind) => isWorkload(kind), component: Basics };
const containers: Step = {
  id: "containers",
  title: msg`Containers`,
  lead: msg`One container with an image is all that is needed.`,
  owns: inPod("containers", "initContainers", "imagePullSecrets", "securityContext"),
  component: ContainersStep,
};
const network: Step = {
  id: "network",
  title: msg`Network`,
  lead: msg`How others reach it: by a service inside the cluster, by a route from outside.`,
  owns: (kind) => kind === "Service" || kind === "Ingress",
  component: NetworkStep,
};
const storage: Step = {
  id: "storage",
  title: msg`Storage and configuration`,
  lead: msg`Files that its containers see: kept, shared, configured or secret.`,
  owns: (kind, field) => inPod("volumes")(kind, field) || field.startsWith("spec.volumeClaimTemplates") || (isWorkload(kind) && /volumeMounts/.test(field)),
  component: StorageStep,
};
const placement: Step = {
  id: "placement",
  title: msg`Placement and rollout`,
  lead: msg`How many there are, on which nodes, and how a new version comes.`,
  owns: (kind, field) =>
    kind === "HorizontalPodAutoscaler" ||
    inPod("affinity", "topologySpreadConstraints", "nodeSelector", "tolerations", "terminationGracePeriodSeconds", "priorityClassName", "serviceAccountName")(kind, field) ||
    (isWorkload(kind) && /^spec\.(replicas|strategy|updateStrategy|minReadySeconds|progressDeadlineSeconds|revisionHistoryLimit|podManagementPolicy)/.test(field)),
  component: PlacementStep,
};
const job: Step = {
  id: "policy",
  title: msg`Policy`,
  lead: msg`When it runs, how often it is tried and how much at once.`,
  owns: (kind, field) =>
    (kind === "Job" || kind === "CronJob") &&
    /(^|\.)(schedule|timeZone|suspend|concurrencyPolicy|backoffLimit|completions|parallelism|activeDeadlineSeconds|ttlSecondsAfterFinished|startingDeadlineSeconds|\w+JobsHistoryLimit|restartPolicy|completionMode)$/.test(field),
  component: JobStep,
};

export function workloadForm(kind: WorkloadKind): Form {
  const isJob = kind === "Job" || kind === "CronJob";
  return {
    steps: (editing) => (isJob ? [basics, job, containers, storage, placement] : editing ? [basics, containers, storage, placement] : [basics, containers, network, storage, placement]),
    blank: (namespace) => blankWorkload(kind, namespace),
    ready: (docs) => Boolean(docs[0]?.metadata?.name) && containersOf(docs[0]!).length > 0 && containersOf(docs[0]!).every((container) => container?.image),
    rename: renamed,
  };
}
