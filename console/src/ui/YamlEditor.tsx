/** The editor for YAML; its code is loaded when one is shown. */
import { lazy, Suspense } from "react";
import { Skeleton } from "@mantine/core";
import type { YamlEditorProps } from "./yaml/Editor";

const Editor = lazy(() => import("./yaml/Editor"));

export function YamlEditor(props: YamlEditorProps) {
  return (
    <Suspense fallback={<Skeleton height="100%" mih={160} animate={false} aria-busy />}>
      <Editor {...props} />
    </Suspense>
  );
}
