/** Which pages there are at each level, in the order they are shown. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { servedKinds } from "@/api/kinds";
import { kindById } from "@/kinds";
import { type Level, useScope } from "@/router/scope";
import {
  type Icon, IconBuilding, IconFolder, IconGauge, IconGitBranch, IconHistory, IconHome, IconLayoutDashboard, IconPackage, IconServer2, IconSettings, IconShield,
  IconShieldCheck, IconTopologyStar3, IconTrash, IconUser, IconUsers, IconUsersGroup,
} from "@/ui/icons";

/** A page that is not a kind's list: `path` stands below the level's base. */
interface PageEntry {
  path: string;
  title: MessageDescriptor;
  icon: Icon;
  synonyms?: string[];
  exact?: boolean;
}

interface Section {
  title?: MessageDescriptor;
  items: (PageEntry | string)[];
}

const page = (path: string, title: MessageDescriptor, icon: Icon, synonyms: string[] = [], exact = false): PageEntry => ({ path, title, icon, synonyms, exact });

const OVERVIEW = page("", msg`Overview`, IconLayoutDashboard, ["概览", "overview"], true);
const CUSTOM = page("/customresources", msg`Custom resources`, IconPackage, ["crd", "custom", "operator", "定制资源", "自定义资源"]);
const GATEWAYS = ["gateways", "httproutes"];
const TOPOLOGY = page("/topology", msg`Topology`, IconTopologyStar3, ["拓扑", "map", "graph"]);
const WORKLOADS = ["deployments", "statefulsets", "daemonsets", "jobs", "cronjobs", "pods"];

/** Entries of a level: the ids of kinds, or pages. */
const LEVELS: Record<Level, Section[]> = {
  home: [],
  platform: [
    {
      items: [
        page("/workspaces", msg`Workspaces`, IconBuilding, ["企业空间", "tenant", "租户"]),
        page("/clusters", msg`Clusters`, IconServer2, ["集群"]),
      ],
    },
    {
      title: msg`Access`,
      items: [
        page("/users", msg`Users`, IconUser, ["用户", "account"]),
        page("/roles", msg`Platform roles`, IconShieldCheck, ["平台角色"]),
        page("/identity", msg`Sign-in providers`, IconUsersGroup, ["ldap", "oidc", "sso", "身份"]),
        page("/members", msg`Platform members`, IconUsers, ["平台成员"]),
      ],
    },
    { title: msg`Records`, items: [page("/audit", msg`Audit`, IconHistory, ["审计"])] },
  ],
  cluster: [
    { items: [OVERVIEW, TOPOLOGY, "nodes", "namespaces", "events"] },
    { title: msg`Workloads`, items: WORKLOADS },
    { title: msg`Network`, items: ["services", "ingresses", ...GATEWAYS, "networkpolicies"] },
    { title: msg`Configuration`, items: ["configmaps", "secrets", "serviceaccounts"] },
    { title: msg`Storage`, items: ["persistentvolumeclaims", "persistentvolumes", "storageclasses"] },
    {
      title: msg`More`,
      items: [CUSTOM, "customresourcedefinitions", "resourcequotas", "horizontalpodautoscalers", page("/members", msg`Members`, IconUsers, ["成员"]), page("/recyclebin", msg`Recycle bin`, IconTrash, ["回收站", "undo"])],
    },
  ],
  workspace: [
    {
      items: [
        OVERVIEW,
        page("/projects", msg`Projects`, IconFolder, ["项目", "namespace", "命名空间"]),
        page("/devops", msg`DevOps projects`, IconGitBranch, ["DevOps 工程"]),
      ],
    },
    {
      title: msg`People`,
      items: [
        page("/members", msg`Members`, IconUsers, ["成员"]),
        page("/roles", msg`Roles`, IconShieldCheck, ["角色"]),
        page("/departments", msg`Departments`, IconUsersGroup, ["部门"]),
      ],
    },
    {
      title: msg`Settings`,
      items: [
        page("/quota", msg`Quota`, IconGauge, ["配额"]),
        page("/network", msg`Network isolation`, IconShield, ["网络隔离"]),
        page("/audit", msg`Audit`, IconHistory, ["审计"]),
        page("/settings", msg`Settings`, IconSettings, ["设置"]),
      ],
    },
  ],
  project: [
    { items: [OVERVIEW, TOPOLOGY] },
    { title: msg`Workloads`, items: WORKLOADS },
    { title: msg`Network`, items: ["services", "ingresses", ...GATEWAYS] },
    { title: msg`Configuration`, items: ["configmaps", "secrets", "serviceaccounts"] },
    { title: msg`Storage`, items: ["persistentvolumeclaims"] },
    { title: msg`People`, items: [page("/members", msg`Members`, IconUsers, ["成员"]), page("/roles", msg`Roles`, IconShieldCheck, ["角色"])] },
    {
      title: msg`Settings`,
      items: [
        page("/quota", msg`Quota and limits`, IconGauge, ["配额"]),
        page("/network", msg`Network isolation`, IconShield, ["网络隔离"]),
        "networkpolicies",
        "horizontalpodautoscalers",
        CUSTOM,
        "events",
        page("/audit", msg`Audit`, IconHistory, ["审计"]),
        page("/recyclebin", msg`Recycle bin`, IconTrash, ["回收站", "undo"]),
        page("/settings", msg`Settings`, IconSettings, ["设置"]),
      ],
    },
  ],
  devops: [
    { items: [page("/settings", msg`Settings`, IconSettings, ["设置"])] },
    { title: msg`People`, items: [page("/members", msg`Members`, IconUsers, ["成员"]), page("/roles", msg`Roles`, IconShieldCheck, ["角色"])] },
  ],
};

export interface NavItem {
  to: string;
  label: string;
  icon: Icon;
  exact?: boolean;
  synonyms?: string[];
}

export function useNavSections(): { label: string; items: NavItem[] }[] {
  const { t } = useLingui();
  const { level, base, cluster } = useScope();
  const { data: kinds } = useQuery({ ...servedKinds(cluster), enabled: level === "cluster" || level === "project" });
  const isServed = (item: PageEntry | string) => typeof item !== "string" || !GATEWAYS.includes(item) || (kinds?.items.some((kind) => kind.group === kindById(item)!.group && kind.plural === item) ?? false);
  const home = { label: "", items: [{ to: "/home", label: t`Workbench`, icon: IconHome, synonyms: ["工作台", "home"] }] };
  const sections = LEVELS[level].map((section) => ({
    label: section.title ? t(section.title) : "",
    items: section.items.filter(isServed).map((item): NavItem => {
      if (typeof item !== "string") return { ...item, to: base + item.path, label: t(item.title) };
      const kind = kindById(item)!;
      return { to: `${base}/${kind.id}`, label: t(kind.many), icon: kind.icon, synonyms: [...kind.synonyms, kind.plural] };
    }),
  }));
  const [first, ...rest] = sections;
  return first && !first.label ? [{ label: "", items: [...home.items, ...first.items] }, ...rest] : [home, ...sections];
}

export const useNavItems = (): NavItem[] => useNavSections().flatMap((section) => section.items);
