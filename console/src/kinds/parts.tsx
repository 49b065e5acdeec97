/** What kinds have beyond a list: their own summaries, tabs and actions. Their code is loaded when it is looked at. */
import { msg } from "@lingui/core/macro";
import { lazy } from "react";
import * as nodes from "@/features/nodes/actions";
import * as actions from "@/features/workloads/actions";
import * as dock from "@/features/workloads/dock";
import type { KindInfo, Tab } from "./kind";

const summary = lazy(() => import("@/features/workloads/Summary").then((module) => ({ default: module.WorkloadSummary })));
const podSummary = lazy(() => import("@/features/workloads/PodSummary").then((module) => ({ default: module.PodSummary })));
const nodeSummary = lazy(() => import("@/features/nodes/NodeSummary").then((module) => ({ default: module.NodeSummary })));
const revisions: Tab = { id: "revisions", title: msg`Revisions`, component: lazy(() => import("@/features/workloads/Revisions")) };
const environment: Tab = { id: "environment", title: msg`Environment`, component: lazy(() => import("@/features/workloads/Environment")) };

export const PARTS: Record<string, Partial<KindInfo>> = {
  deployments: {
    summary,
    tabs: [revisions, environment],
    actions: [actions.scale, actions.restart, dock.workloadLogs, actions.setImage, actions.pause, actions.resume],
  },
  statefulsets: { summary, tabs: [revisions, environment], actions: [actions.scale, actions.restart, dock.workloadLogs, actions.setImage] },
  daemonsets: { summary, tabs: [revisions, environment], actions: [actions.restart, dock.workloadLogs, actions.setImage] },
  replicasets: { summary, tabs: [environment] },
  jobs: { summary, tabs: [environment], actions: [dock.workloadLogs, actions.pause, actions.resume] },
  cronjobs: { summary, tabs: [environment], actions: [actions.runNow, actions.setImage, actions.pause, actions.resume] },
  pods: { summary: podSummary, tabs: [environment], actions: [dock.logs, dock.shell, dock.previousLogs] },
  nodes: { summary: nodeSummary, actions: [nodes.cordon, nodes.uncordon, nodes.drain, nodes.editLabels, nodes.editTaints] },
  namespaces: { actions: [nodes.editLabels] },
};
