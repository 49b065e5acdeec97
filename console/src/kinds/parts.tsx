/** What kinds have beyond a list: their own summaries, tabs and actions. Their code is loaded when it is looked at. */
import { msg } from "@lingui/core/macro";
import { lazy } from "react";
import * as config from "@/features/config/actions";
import * as nodes from "@/features/nodes/actions";
import * as actions from "@/features/workloads/actions";
import * as dock from "@/features/workloads/dock";
import * as storage from "@/features/storage/actions";
import type { KindInfo, Tab } from "./kind";

const summary = lazy(() => import("@/features/workloads/Summary").then((module) => ({ default: module.WorkloadSummary })));
const podSummary = lazy(() => import("@/features/workloads/PodSummary").then((module) => ({ default: module.PodSummary })));
const nodeSummary = lazy(() => import("@/features/nodes/NodeSummary").then((module) => ({ default: module.NodeSummary })));
const serviceSummary = lazy(() => import("@/features/network/ServiceSummary").then((module) => ({ default: module.ServiceSummary })));
const routeSummary = lazy(() => import("@/features/network/RouteSummary").then((module) => ({ default: module.RouteSummary })));
const secretSummary = lazy(() => import("@/features/config/SecretSummary").then((module) => ({ default: module.SecretSummary })));
const configMapSummary = lazy(() => import("@/features/config/ConfigMapSummary").then((module) => ({ default: module.ConfigMapSummary })));
const accountSummary = lazy(() => import("@/features/config/AccountSummary").then((module) => ({ default: module.AccountSummary })));
const policySummary = lazy(() => import("@/features/network/PolicySummary").then((module) => ({ default: module.PolicySummary })));
const claimSummary = lazy(() => import("@/features/storage/ClaimSummary").then((module) => ({ default: module.ClaimSummary })));
const volumeSummary = lazy(() => import("@/features/storage/VolumeSummary").then((module) => ({ default: module.VolumeSummary })));
const classSummary = lazy(() => import("@/features/storage/ClassSummary").then((module) => ({ default: module.ClassSummary })));
const quotaSummary = lazy(() => import("@/features/limits/QuotaSummary").then((module) => ({ default: module.QuotaSummary })));
const limitsSummary = lazy(() => import("@/features/limits/LimitsSummary").then((module) => ({ default: module.LimitsSummary })));
const definitionSummary = lazy(() => import("@/features/custom/DefinitionSummary").then((module) => ({ default: module.DefinitionSummary })));
const gatewaySummary = lazy(() => import("@/features/network/GatewaySummary").then((module) => ({ default: module.GatewaySummary })));
const httpRouteSummary = lazy(() => import("@/features/network/HttpRouteSummary").then((module) => ({ default: module.HttpRouteSummary })));
const revisions: Tab = { id: "revisions", title: msg`Revisions`, component: lazy(() => import("@/features/workloads/Revisions")) };
const environment: Tab = { id: "environment", title: msg`Environment`, component: lazy(() => import("@/features/workloads/Environment")) };

/** Of workloads: their pods have a table of their own. */
const NEIGHBOURS = ["service", "route", "claim", "secret", "configmap", "account", "autoscaler", "budget"];

export const PARTS: Record<string, Partial<KindInfo>> = {
  deployments: {
    summary,
    related: NEIGHBOURS,
    tabs: [revisions, environment],
    actions: [actions.scale, actions.restart, dock.workloadLogs, actions.setImage, actions.pause, actions.resume],
  },
  statefulsets: { summary, related: NEIGHBOURS, tabs: [revisions, environment], actions: [actions.scale, actions.restart, dock.workloadLogs, actions.setImage] },
  daemonsets: { summary, related: NEIGHBOURS, tabs: [revisions, environment], actions: [actions.restart, dock.workloadLogs, actions.setImage] },
  replicasets: { summary, related: NEIGHBOURS, tabs: [environment] },
  jobs: { summary, related: NEIGHBOURS, tabs: [environment], actions: [dock.workloadLogs, actions.pause, actions.resume] },
  cronjobs: { summary, related: ["owned", ...NEIGHBOURS], tabs: [environment], actions: [actions.runNow, actions.setImage, actions.pause, actions.resume] },
  pods: { summary: podSummary, related: NEIGHBOURS, tabs: [environment], actions: [dock.logs, dock.shell, dock.previousLogs] },
  nodes: { summary: nodeSummary, actions: [nodes.cordon, nodes.uncordon, nodes.drain, nodes.editLabels, nodes.editTaints] },
  services: { summary: serviceSummary, related: ["workload", "route"] },
  ingresses: { summary: routeSummary, related: ["service", "secret"] },
  secrets: { summary: secretSummary },
  configmaps: { summary: configMapSummary },
  serviceaccounts: { summary: accountSummary, actions: [config.makeToken] },
  networkpolicies: { summary: policySummary },
  persistentvolumeclaims: { summary: claimSummary, related: ["pod", "user"], actions: [storage.expand] },
  persistentvolumes: { summary: volumeSummary },
  storageclasses: { summary: classSummary, actions: [storage.makeDefault, storage.endDefault] },
  resourcequotas: { summary: quotaSummary },
  limitranges: { summary: limitsSummary },
  customresourcedefinitions: { summary: definitionSummary },
  gateways: { summary: gatewaySummary },
  httproutes: { summary: httpRouteSummary },
  namespaces: { actions: [nodes.editLabels] },
};
