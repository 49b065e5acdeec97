/** Buttons and menus of what one may do: who may not sees why. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, type ButtonProps, Menu, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { type Icon, IconDots } from "./icons";

export interface Permission {
  allowed: boolean;
  reason?: string;
}

interface Props extends ButtonProps {
  can: Permission;
  onClick?: () => void;
  type?: "button" | "submit";
}

export function PermittedButton({ can, children, disabled, ...rest }: Props) {
  const { t } = useLingui();
  return (
    <Tooltip label={can.reason || t`Your roles do not allow this here`} disabled={can.allowed} multiline maw={340}>
      <Button type="button" {...rest} disabled={disabled || !can.allowed}>
        {children}
      </Button>
    </Tooltip>
  );
}

export interface MenuAction {
  id: string;
  title: ReactNode;
  icon: Icon;
  danger?: boolean;
  can: Permission;
  run: () => void;
}

/** What can be done with one row. */
export function RowMenu({ of, actions }: { of: string; actions: MenuAction[] }) {
  const { t } = useLingui();
  if (!actions.some((action) => action.can.allowed)) return null;
  return (
    <Menu width={230}>
      <Menu.Target>
        <ActionIcon aria-label={t`Actions for ${of}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ id, title, icon: Mark, danger, can, run }) => (
          <Menu.Item key={id} disabled={!can.allowed} color={danger ? "red" : undefined} leftSection={<Mark size={15} />} onClick={run}>
            {title}
            {!can.allowed && <small style={{ display: "block" }}>{can.reason || <Trans>Your roles do not allow this here</Trans>}</small>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
