/** The built-in kinds that the console shows. Custom resources need no entry: their columns come from the server. */
import { msg } from "@lingui/core/macro";
import {
  IconActivity, IconAdjustments, IconBox, IconBoxMultiple, IconCalendarClock, IconClipboardList, IconCloud, IconCube, IconDatabase, IconFileText,
  IconFolder, IconGauge, IconKey, IconNetwork, IconPackage, IconRoute, IconScale, IconServer, IconShield, IconStack2, IconUser,
} from "@/ui/icons";
import { toneOf } from "@/lib/tone";
import { Status } from "@/ui";
import { column, moment, mono, readyColumn, statusColumn } from "./columns";
import { PARTS } from "./parts";
import type { KindInfo } from "./kind";

const core = { group: "", version: "v1", namespaced: true };
const apps = { group: "apps", version: "v1", namespaced: true };
const batch = { group: "batch", version: "v1", namespaced: true };
/** Where the Gateway API is installed. */
const gateway = { group: "gateway.networking.k8s.io", version: "v1", namespaced: true };
const networking = { group: "networking.k8s.io", version: "v1", namespaced: true };

const LISTS: KindInfo[] = [
  {
    ...core, id: "pods", plural: "pods", kind: "Pod", one: msg`Pod`, many: msg`Pods`, icon: IconCube, explained: true, made: false,
    synonyms: ["po", "容器组", "pod"], states: "status",
    columns: [
      statusColumn(),
      column("ready", msg`Ready`, "70px"),
      column("restarts", msg`Restarts`, "120px", { align: "end", from: 620 }),
      column("ip", msg`IP address`, "120px", { show: mono, from: 900 }),
      column("node", msg`Node`, "minmax(100px, 1fr)", { from: 760 }),
    ],
  },
  {
    ...apps, id: "deployments", plural: "deployments", kind: "Deployment", one: msg`Deployment`, many: msg`Deployments`, icon: IconStack2,
    explained: true, synonyms: ["deploy", "workload", "部署", "工作负载"],
    columns: [
      readyColumn,
      column("up-to-date", msg`Up to date`, "90px", { align: "end", from: 620 }),
      column("available", msg`Available`, "90px", { align: "end", from: 700 }),
      column("images", msg`Images`, "minmax(140px, 2fr)", { show: mono, from: 900 }),
    ],
  },
  {
    ...apps, id: "statefulsets", plural: "statefulsets", kind: "StatefulSet", one: msg`Stateful set`, many: msg`Stateful sets`, icon: IconDatabase,
    explained: true, synonyms: ["sts", "有状态副本集", "statefulset"],
    columns: [readyColumn, column("images", msg`Images`, "minmax(140px, 2fr)", { show: mono, from: 800 })],
  },
  {
    ...apps, id: "daemonsets", plural: "daemonsets", kind: "DaemonSet", one: msg`Daemon set`, many: msg`Daemon sets`, icon: IconBoxMultiple,
    explained: true, synonyms: ["ds", "守护进程集", "daemonset"],
    columns: [
      column("desired", msg`Desired`, "80px", { align: "end" }),
      column("ready", msg`Ready`, "80px", { align: "end" }),
      column("available", msg`Available`, "90px", { align: "end", from: 700 }),
      column("images", msg`Images`, "minmax(140px, 2fr)", { show: mono, from: 900 }),
    ],
  },
  {
    ...batch, id: "jobs", plural: "jobs", kind: "Job", one: msg`Job`, many: msg`Jobs`, icon: IconActivity, explained: true, synonyms: ["任务"], states: "status",
    columns: [statusColumn(), column("completions", msg`Completions`, "110px"), column("duration", msg`Duration`, "90px", { align: "end", from: 620 })],
  },
  {
    ...batch, id: "cronjobs", plural: "cronjobs", kind: "CronJob", one: msg`Cron job`, many: msg`Cron jobs`, icon: IconCalendarClock, explained: true,
    synonyms: ["cj", "定时任务", "cronjob"],
    columns: [
      column("schedule", msg`Schedule`, "130px", { show: mono }),
      column("suspend", msg`Suspended`, "90px"),
      column("active", msg`Active`, "70px", { align: "end" }),
      column("last-schedule", msg`Last run`, "90px", { show: moment, align: "end", from: 620 }),
    ],
  },
  {
    ...apps, id: "replicasets", plural: "replicasets", kind: "ReplicaSet", one: msg`Replica set`, many: msg`Replica sets`, icon: IconStack2, made: false,
    explained: true, synonyms: ["rs", "副本集"],
    columns: [column("desired", msg`Desired`, "80px", { align: "end" }), column("ready", msg`Ready`, "80px", { align: "end" })],
  },
  {
    ...core, id: "services", plural: "services", kind: "Service", one: msg`Service`, many: msg`Services`, icon: IconNetwork, explained: true, synonyms: ["svc", "服务"],
    columns: [
      column("type", msg`Type`, "110px"),
      column("cluster-ip", msg`Internal address`, "130px", { show: mono, from: 620 }),
      column("external-ip", msg`External address`, "130px", { show: mono, from: 900 }),
      column("ports", msg`Ports`, "minmax(120px, 1fr)", { show: mono }),
    ],
  },
  {
    ...networking, id: "ingresses", plural: "ingresses", kind: "Ingress", one: msg`Route`, many: msg`Routes`, icon: IconRoute, explained: true,
    synonyms: ["ing", "ingress", "应用路由", "网关路由", "路由"],
    columns: [
      column("hosts", msg`Hosts`, "minmax(140px, 2fr)", { show: mono }),
      column("address", msg`Address`, "minmax(110px, 1fr)", { show: mono, from: 700 }),
      column("ports", msg`Ports`, "90px", { from: 620 }),
    ],
  },
  {
    ...gateway, id: "gateways", plural: "gateways", kind: "Gateway", one: msg`Gateway`, many: msg`Gateways`, icon: IconCloud, synonyms: ["gtw", "网关"],
    columns: [
      column("class", msg`Class`, "minmax(110px, 1fr)"),
      column("address", msg`Address`, "minmax(110px, 1fr)", { show: mono }),
      column("programmed", msg`Set up`, "110px", { show: (value) => <Status value={value} tone={toneOf(value)} /> }),
    ],
  },
  {
    ...gateway, id: "httproutes", plural: "httproutes", kind: "HTTPRoute", one: msg`HTTP route`, many: msg`HTTP routes`, icon: IconRoute, synonyms: ["httproute", "HTTP 路由"],
    columns: [column("hostnames", msg`Hosts`, "minmax(160px, 2fr)", { show: mono })],
  },
  {
    ...gateway, namespaced: false, id: "gatewayclasses", plural: "gatewayclasses", kind: "GatewayClass", one: msg`Gateway class`, many: msg`Gateway classes`, icon: IconCloud,
    synonyms: ["gc", "网关类"],
    columns: [column("controller", msg`Controller`, "minmax(160px, 2fr)", { show: mono }), column("accepted", msg`Accepted`, "110px", { show: (value) => <Status value={value} tone={toneOf(value)} /> })],
  },
  {
    ...core, id: "persistentvolumeclaims", plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim", one: msg`Volume claim`, many: msg`Volume claims`,
    icon: IconDatabase, explained: true, synonyms: ["pvc", "持久卷声明", "存储卷", "volume"], states: "status",
    columns: [
      statusColumn(),
      column("capacity", msg`Capacity`, "90px", { align: "end" }),
      column("access-modes", msg`Access`, "80px", { from: 620 }),
      column("storageclass", msg`Storage class`, "minmax(110px, 1fr)", { from: 700 }),
      column("volume", msg`Volume`, "minmax(120px, 1fr)", { show: mono, from: 1000 }),
    ],
  },
  {
    ...core, id: "configmaps", plural: "configmaps", kind: "ConfigMap", one: msg`Config map`, many: msg`Config maps`, icon: IconFileText,
    synonyms: ["cm", "配置字典", "配置", "configmap"], columns: [column("data", msg`Entries`, "90px", { align: "end" })],
  },
  {
    ...core, id: "secrets", plural: "secrets", kind: "Secret", one: msg`Secret`, many: msg`Secrets`, icon: IconKey, synonyms: ["密钥", "保密字典"], states: "type",
    columns: [column("type", msg`Type`, "minmax(180px, 2fr)"), column("data", msg`Entries`, "90px", { align: "end" })],
  },
  {
    ...core, id: "serviceaccounts", plural: "serviceaccounts", kind: "ServiceAccount", one: msg`Service account`, many: msg`Service accounts`, icon: IconUser,
    synonyms: ["sa", "服务账户"], columns: [],
  },
  {
    ...networking, id: "networkpolicies", plural: "networkpolicies", kind: "NetworkPolicy", one: msg`Network policy`, many: msg`Network policies`, icon: IconShield,
    synonyms: ["netpol", "网络策略", "networkpolicy"], columns: [column("pod-selector", msg`Pods`, "minmax(160px, 2fr)", { show: mono })],
  },
  {
    group: "autoscaling", version: "v2", namespaced: true, id: "horizontalpodautoscalers", plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler",
    one: msg`Autoscaler`, many: msg`Autoscaling`, icon: IconScale, synonyms: ["hpa", "自动扩缩", "horizontalpodautoscaler"],
    columns: [
      column("reference", msg`Scales`, "minmax(150px, 1fr)"),
      column("targets", msg`Targets`, "minmax(120px, 1fr)", { from: 700 }),
      column("replicas", msg`Replicas`, "80px", { align: "end" }),
    ],
  },
  {
    ...core, id: "resourcequotas", plural: "resourcequotas", kind: "ResourceQuota", one: msg`Quota`, many: msg`Quotas`, icon: IconGauge, synonyms: ["quota", "配额", "resourcequota"],
    columns: [column("request", msg`Requests`, "minmax(160px, 1fr)", { show: mono }), column("limit", msg`Limits`, "minmax(160px, 1fr)", { show: mono, from: 700 })],
  },
  {
    ...core, id: "limitranges", plural: "limitranges", kind: "LimitRange", one: msg`Default limits`, many: msg`Default limits`, icon: IconAdjustments,
    synonyms: ["limits", "默认容器配额", "limitrange"], columns: [],
  },
  {
    ...core, id: "events", plural: "events", kind: "Event", one: msg`Event`, many: msg`Events`, icon: IconClipboardList, made: false, synonyms: ["ev", "事件"], states: "type",
    columns: [
      column("type", msg`Type`, "100px", { show: (value) => statusColumn().show!(value, { name: "", uid: "", cells: [] }, () => "") }),
      column("reason", msg`Reason`, "140px"),
      column("object", msg`Object`, "minmax(140px, 1fr)", { from: 620 }),
      column("message", msg`Message`, "minmax(200px, 3fr)"),
    ],
  },
  {
    ...core, id: "nodes", plural: "nodes", kind: "Node", namespaced: false, one: msg`Node`, many: msg`Nodes`, icon: IconServer, made: false,
    synonyms: ["no", "节点"], states: "status",
    columns: [
      statusColumn(),
      column("roles", msg`Roles`, "120px"),
      column("version", msg`Version`, "130px", { from: 620 }),
      column("internal-ip", msg`IP address`, "120px", { show: mono, from: 760 }),
      column("os-image", msg`System`, "minmax(140px, 1fr)", { from: 1000 }),
    ],
  },
  {
    ...core, id: "namespaces", plural: "namespaces", kind: "Namespace", namespaced: false, one: msg`Namespace`, many: msg`Namespaces`, icon: IconFolder,
    synonyms: ["ns", "命名空间"], states: "status", columns: [statusColumn()],
  },
  {
    ...core, id: "persistentvolumes", plural: "persistentvolumes", kind: "PersistentVolume", namespaced: false, one: msg`Volume`, many: msg`Volumes`, icon: IconDatabase,
    synonyms: ["pv", "持久卷"], states: "status",
    columns: [
      statusColumn(),
      column("capacity", msg`Capacity`, "90px", { align: "end" }),
      column("reclaim-policy", msg`On release`, "110px", { from: 700 }),
      column("claim", msg`Claim`, "minmax(160px, 1fr)"),
      column("storageclass", msg`Storage class`, "120px", { from: 900 }),
    ],
  },
  {
    group: "storage.k8s.io", version: "v1", namespaced: false, id: "storageclasses", plural: "storageclasses", kind: "StorageClass", one: msg`Storage class`,
    many: msg`Storage classes`, icon: IconCloud, synonyms: ["sc", "存储类", "storageclass"],
    columns: [
      column("provisioner", msg`Provisioner`, "minmax(160px, 1fr)"),
      column("reclaimpolicy", msg`On release`, "110px"),
      column("volumebindingmode", msg`Binding`, "170px", { from: 760 }),
    ],
  },
  {
    group: "apiextensions.k8s.io", version: "v1", namespaced: false, id: "customresourcedefinitions", plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition", one: msg`Custom resource definition`, many: msg`Custom resource definitions`, icon: IconPackage, synonyms: ["crd", "定制资源定义"], columns: [],
  },
  {
    ...core, id: "endpoints", plural: "endpoints", kind: "Endpoints", one: msg`Endpoints`, many: msg`Endpoints`, icon: IconBox, made: false, synonyms: ["ep"],
    columns: [column("endpoints", msg`Addresses`, "minmax(200px, 2fr)", { show: mono })],
  },
];

/** With what a kind has beyond its list. */
export const KINDS: KindInfo[] = LISTS.map((kind) => ({ ...kind, ...PARTS[kind.id] }));
