/** Something to think of before going on. */
import { Alert } from "@mantine/core";
import type { ReactNode } from "react";
import { IconAlertTriangle } from "./icons";

export function Warning({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <Alert role="note" variant="default" mb="sm" icon={<IconAlertTriangle size={18} />} title={title} styles={{ root: { background: "var(--warn-soft)", borderColor: "var(--warn)" }, title: { color: "var(--warn)" }, icon: { color: "var(--warn)" } }}>
      {children}
    </Alert>
  );
}
