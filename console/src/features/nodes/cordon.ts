/** Whether new pods may come to a node. */
import { patchObject } from "@/api/kube";

const NODES = { group: "", version: "v1", plural: "nodes", namespaced: false };

export const setCordoned = (cluster: string, node: string, cordoned: boolean) => patchObject(cluster, NODES, "", node, { spec: { unschedulable: cordoned || null } });
