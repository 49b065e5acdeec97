/** How a kind of object is shown: its words, its columns, what can be done with it. */
import type { MessageDescriptor } from "@lingui/core";
import type { ComponentType, LazyExoticComponent, ReactNode } from "react";
import type { KubeObject, Resource } from "@/api/kube";
import type { Row } from "@/api/live";
import type { Scope } from "@/router/scope";
import type { Icon } from "@/ui";

/** A column of a list. `id` is the server's name of the column: sorting and filtering are done there. */
export interface KindColumn {
  id: string;
  title: MessageDescriptor;
  width: string;
  align?: "end";
  from?: number;
  /** The cell as something else than text. */
  show?: (value: string, row: Row, cells: (id: string) => string) => ReactNode;
}

/** What a detail page's parts are given. */
export interface Shown {
  scope: Scope;
  kind: KindInfo;
  object: KubeObject;
}

export interface Tab {
  id: string;
  title: MessageDescriptor;
  component: LazyExoticComponent<ComponentType<Shown>> | ComponentType<Shown>;
}

/** One thing that can be done with an object. `needs` is asked of the cluster's RBAC: who may not sees why. */
export interface Action {
  id: string;
  title: MessageDescriptor;
  icon: Icon;
  danger?: boolean;
  needs: { verb: string; subresource?: string; group?: string; resource?: string };
  /** Left out for objects it makes no sense for. */
  fits?: (object: KubeObject) => boolean;
  run: (shown: Shown) => unknown;
  /** A key for the object that is open. */
  key?: string;
}

export interface KindInfo extends Resource {
  /** In addresses: the plural, with the group where two share one. */
  id: string;
  kind: string;
  one: MessageDescriptor;
  many: MessageDescriptor;
  icon: Icon;
  /** Other words that people search for, in any language. */
  synonyms: string[];
  columns: KindColumn[];
  /** The column whose values are counted above the list and can be chosen. */
  states?: string;
  /** What `armillary why` explains. */
  explained?: boolean;
  /** Whether it is made by hand at all. */
  made?: boolean;
  tabs?: Tab[];
  actions?: Action[];
  /** Which relations its overview tells; all of them if left out. */
  related?: string[];
  /** The first part of the overview, made for this kind. */
  summary?: LazyExoticComponent<ComponentType<Shown>> | ComponentType<Shown>;
}
