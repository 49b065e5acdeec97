/** What can be done with an object; what one may not do is shown with the reason. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useCan } from "@/api/session";
import type { Action, Shown } from "@/kinds";
import { ActionIcon, Button, IconDots, Menu, Tooltip, useHotkeys } from "@/ui";
import { deleteAction } from "./deleteAction";
import { editAction } from "./editAction";

const PROMINENT = 3;

export function Actions({ shown, compact }: { shown: Shown; compact?: boolean }) {
  const { t } = useLingui();
  const { kind, scope, object } = shown;
  const actions = [...(kind.actions ?? []), ...(kind.made === false ? [] : [editAction]), deleteAction].filter((action) => action.fits?.(object) ?? true);
  const asks = actions.map(({ needs }) => ({
    verb: needs.verb,
    group: needs.group ?? kind.group,
    resource: [needs.resource ?? kind.plural, needs.subresource].filter(Boolean).join("/"),
    name: object.metadata.name,
  }));
  const can = useCan(scope.cluster, object.metadata.namespace ?? "", asks);
  const state = actions.map((action, index) => ({ action, allowed: can[index]?.allowed ?? false, reason: can[index]?.reason }));
  useHotkeys(state.flatMap(({ action, allowed }) => (action.key && allowed ? [[action.key, () => action.run(shown)] as [string, () => void]] : [])));
  const prominent = compact ? [] : state.slice(0, PROMINENT);
  const rest = compact ? state : state.slice(PROMINENT);
  return (
    <>
      {prominent.map(({ action, allowed, reason }) => (
        <Tooltip key={action.id} label={reason ?? t`Your roles do not allow this here`} disabled={allowed}>
          <Button variant="default" color={action.danger ? "red" : undefined} disabled={!allowed} data-disabled={!allowed || undefined} leftSection={<action.icon size={15} />} onClick={() => action.run(shown)}>
            {t(action.title)}
          </Button>
        </Tooltip>
      ))}
      {rest.length > 0 && <More state={rest} shown={shown} />}
    </>
  );
}

function More({ state, shown }: { state: { action: Action; allowed: boolean; reason?: string }[]; shown: Shown }) {
  const { t } = useLingui();
  return (
    <Menu width={240}>
      <Menu.Target>
        <ActionIcon aria-label={t`Actions`} variant="default">
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {state.map(({ action, allowed, reason }) => (
          <Menu.Item key={action.id} disabled={!allowed} color={action.danger ? "red" : undefined} leftSection={<action.icon size={15} />} onClick={() => action.run(shown)}>
            {t(action.title)}
            {!allowed && <small style={{ display: "block" }}>{reason ?? <Trans>Your roles do not allow this here</Trans>}</small>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
