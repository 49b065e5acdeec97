/** Leaving with changes that were not sent asks what becomes of them. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useBlocker } from "@tanstack/react-router";
import type { RefObject } from "react";
import { Button, Group, Modal } from "@/ui";

interface Props {
  unsent: RefObject<boolean>;
  isKept: boolean;
  discard: () => void;
}

export function Leaving({ unsent, isKept, discard }: Props) {
  const { t } = useLingui();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => unsent.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => unsent.current,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <Modal closeButtonProps={{ "aria-label": t`Close` }} opened onClose={blocker.reset} title={<Trans>Leave without sending it?</Trans>}>
      {isKept ? (
        <Trans>What you have entered can be kept as a draft in this browser tab.</Trans>
      ) : (
        <Trans>What you have entered is lost then: secrets are not kept in the browser.</Trans>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={blocker.reset}>
          <Trans>Stay</Trans>
        </Button>
        <Button
          variant="default"
          color="red"
          onClick={() => {
            discard();
            blocker.proceed();
          }}
        >
          <Trans>Discard it</Trans>
        </Button>
        {isKept && (
          <Button onClick={blocker.proceed}>
            <Trans>Keep the draft</Trans>
          </Button>
        )}
      </Group>
    </Modal>
  );
}
