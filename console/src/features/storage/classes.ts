import type { Resource } from "@/api/kube";

export const CLASSES: Resource = { group: "storage.k8s.io", version: "v1", plural: "storageclasses", namespaced: false };
