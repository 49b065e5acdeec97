/** A small form: fields, then one button that sends them. */
import { Group, Button, Stack } from "@mantine/core";
import type { ReactNode } from "react";

export function SmallForm({ children, action, disabled, danger, send }: { children: ReactNode; action: ReactNode; disabled?: boolean; danger?: boolean; send: () => void }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!disabled) send();
      }}
    >
      <Stack gap="sm">{children}</Stack>
      <Group justify="flex-end" mt="md">
        <Button type="submit" color={danger ? "red" : undefined} disabled={disabled}>
          {action}
        </Button>
      </Group>
    </form>
  );
}
