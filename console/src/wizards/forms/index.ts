/** Which kinds have a form; others are written as YAML. */
import type { ComponentType } from "react";
import type { ApiError } from "@/api/errors";
import type { KubeObject } from "@/api/kube";
import type { Scope } from "@/router/scope";
import { ClaimForm } from "./ClaimForm";
import { DataForm } from "./DataForm";
import { RouteForm } from "./RouteForm";
import { ServiceForm } from "./ServiceForm";
import { WorkloadForm } from "./WorkloadForm";

export interface FormProps {
  objects: KubeObject[];
  change: (objects: KubeObject[]) => void;
  /** Fields that have to be filled in yet, as `0.metadata.name`. */
  lacks: string[];
  scope: Scope;
  /** What the server says of it as it is now. */
  fault?: ApiError;
}

export const FORMS: Record<string, ComponentType<FormProps>> = {
  Deployment: WorkloadForm,
  StatefulSet: WorkloadForm,
  DaemonSet: WorkloadForm,
  Job: WorkloadForm,
  CronJob: WorkloadForm,
  Service: ServiceForm,
  Ingress: RouteForm,
  ConfigMap: DataForm,
  Secret: DataForm,
  PersistentVolumeClaim: ClaimForm,
};
