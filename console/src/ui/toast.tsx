/** Short news that needs no answer; one may undo what it tells of. */
import { t } from "@lingui/core/macro";
import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { IconAlertTriangle, IconCheck } from "./icons";

const SHOWN = 6000;
const UNDO_SHOWN = 12_000;

export function told(message: ReactNode, undo?: { label: ReactNode; run: () => void }) {
  const id = crypto.randomUUID();
  const again = undo && (
    <button
      type="button"
      className="link-button"
      onClick={() => {
        notifications.hide(id);
        undo.run();
      }}
    >
      {undo.label}
    </button>
  );
  notifications.show({ id, message: <>{message} {again}</>, color: "teal", icon: <IconCheck size={16} />, autoClose: undo ? UNDO_SHOWN : SHOWN, closeButtonProps: { "aria-label": t`Close` } });
}

export function failed(title: ReactNode, error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  notifications.show({ title, message, color: "red", icon: <IconAlertTriangle size={16} />, autoClose: false, closeButtonProps: { "aria-label": t`Close` } });
}
