/** The name of an object, as the way to its page. */
import type { ReactNode } from "react";
import { addressOf } from "@/kinds";
import { Go } from "@/router/Go";
import type { Scope } from "@/router/scope";

interface Props {
  scope: Scope;
  group?: string;
  plural: string;
  namespace?: string;
  name: string;
  /** The text, where it is not the name. */
  children?: ReactNode;
}

export function ObjectLink({ scope, group = "", plural, namespace = "", name, children }: Props) {
  const [path, search] = addressOf(scope, group, plural, namespace, name).split("?");
  return (
    <Go to={path!} search={Object.fromEntries(new URLSearchParams(search))}>
      {children ?? name}
    </Go>
  );
}
