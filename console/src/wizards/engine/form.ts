/** What a wizard is made of, and what its steps are given. */
import type { MessageDescriptor } from "@lingui/core";
import { type ComponentType, createContext, useContext } from "react";
import type { KubeObject } from "@/api/kube";
import type { KindInfo } from "@/kinds";
import type { Scope } from "@/router/scope";
import { get, isWithin, type Path, set } from "../model/path";

export interface Step {
  id: string;
  title: MessageDescriptor;
  lead?: MessageDescriptor;
  /** Whether a field that the server complains of is shown here. The last step that says so is taken. */
  owns: (kind: string, field: string) => boolean;
  component: ComponentType;
}

export interface Form {
  steps: (editing: boolean) => Step[];
  blank: (namespace: string) => KubeObject[];
  /** Whether the server may be asked already: what is required is there. */
  ready: (docs: KubeObject[]) => boolean;
  rename?: (docs: KubeObject[], name: string) => KubeObject[];
}

/** What the server says against one field of one object. */
export interface Complaint {
  doc: number;
  field: string;
  message: string;
}

export interface Making {
  kind: KindInfo;
  scope: Scope;
  form: Form;
  editing: boolean;
  docs: KubeObject[];
  edit: (change: (docs: KubeObject[]) => KubeObject[]) => void;
  complaints: Complaint[];
}

export const MakingContext = createContext<Making | null>(null);

export function useMaking(): Making {
  const making = useContext(MakingContext);
  if (!making) throw new Error("a field outside of a wizard");
  return making;
}

/** A place in one of the objects. */
export interface Place {
  path: Path;
  doc?: number;
}

/** The value there, a way to change it (undefined takes it out) and what the server has against it. */
export function useAt<T>({ path, doc = 0 }: Place, whole = false): [T | undefined, (value: T | undefined) => void, string | undefined] {
  const { docs, edit, complaints } = useMaking();
  const name = path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${key}` : key), "");
  const found = complaints.find((each) => each.doc === doc && (each.field === name || (whole && isWithin(each.field, name))));
  const change = (value: T | undefined) => edit((now) => now.map((each, index) => (index === doc ? set(each, path, value) : each)));
  return [get<T>(docs[doc], path), change, found?.message];
}

/** Which namespace the objects are made in. */
export const namespaceOf = ({ docs, scope }: Pick<Making, "docs" | "scope">) => docs[0]?.metadata.namespace || scope.namespace;
