/** What can be done with several objects at once. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useCan } from "@/api/session";
import { deleteObject } from "@/api/kube";
import type { Row } from "@/api/live";
import type { KindInfo } from "@/kinds";
import { useScope } from "@/router/scope";
import { Button, confirm, IconTrash, told } from "@/ui";
import { GoingTogether } from "./GoingTogether";

export function Batch({ kind, rows, done }: { kind: KindInfo; rows: Row[]; done: () => void }) {
  const scope = useScope();
  const { t } = useLingui();
  const [may] = useCan(scope.cluster, scope.namespace, [{ verb: "delete", group: kind.group, resource: kind.plural }]);
  const remove = () =>
    confirm({
      title: <Plural value={rows.length} one="Delete # object?" other="Delete # objects?" />,
      size: 640,
      children: <GoingTogether cluster={scope.cluster} kind={kind} rows={rows} />,
      action: <Trans>Delete</Trans>,
      danger: true,
      run: async () => {
        await Promise.all(rows.map((row) => deleteObject(scope.cluster, kind, row.namespace ?? "", row.name)));
        told(<Plural value={rows.length} one="# object is being deleted." other="# objects are being deleted." />);
        done();
      },
    });
  return (
    <>
      <span className="dim"><Plural value={rows.length} one="# chosen" other="# chosen" /></span>
      <Button variant="default" color="red" leftSection={<IconTrash size={15} />} disabled={!may?.allowed} title={may?.allowed ? undefined : (may?.reason ?? t`Your roles do not allow this here`)} onClick={remove}>
        <Trans>Delete</Trans>
      </Button>
      <Button variant="subtle" onClick={done}><Trans>Choose none</Trans></Button>
    </>
  );
}
