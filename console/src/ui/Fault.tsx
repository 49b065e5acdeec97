/** An error where it happened, with the server's reason and a way on. */
import { Trans } from "@lingui/react/macro";
import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle } from "./icons";
import { ApiError } from "@/api/errors";

export function Fault({ error, retry }: { error: unknown; retry?: () => void }) {
  const message = error instanceof Error ? error.message : String(error);
  const causes = error instanceof ApiError ? error.causes.filter((cause) => cause.message && !message.includes(cause.message)) : [];
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle size={18} />} m="md" title={titleOf(error)}>
      <div style={{ overflowWrap: "anywhere" }}>{message}</div>
      {causes.length > 0 && (
        <ul>
          {causes.map((cause, index) => (
            <li key={index}>
              {cause.field && <code>{cause.field}</code>} {cause.message}
            </li>
          ))}
        </ul>
      )}
      {retry && (
        <Button mt="xs" size="compact-xs" variant="default" onClick={retry}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </Alert>
  );
}

function titleOf(error: unknown) {
  const code = error instanceof ApiError ? error.code : 0;
  if (code === 403) return <Trans>You may not do this</Trans>;
  if (code === 404) return <Trans>Not found</Trans>;
  if (code === 409) return <Trans>It has been changed meanwhile</Trans>;
  if (code === 422 || code === 400) return <Trans>The server does not accept this</Trans>;
  if (code === 503) return <Trans>Not available at the moment</Trans>;
  return <Trans>This did not work</Trans>;
}
