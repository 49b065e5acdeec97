/** What can be done with several objects at once. */
import { Plural, Trans } from "@lingui/react/macro";
import { deleteObject } from "@/api/kube";
import type { Row } from "@/api/live";
import type { KindInfo } from "@/kinds";
import { useScope } from "@/router/scope";
import { Button, confirm, IconTrash, told } from "@/ui";

export function Batch({ kind, rows, done }: { kind: KindInfo; rows: Row[]; done: () => void }) {
  const scope = useScope();
  const remove = () =>
    confirm({
      title: <Plural value={rows.length} one="Delete # object?" other="Delete # objects?" />,
      children: (
        <ul>
          {rows.map((row) => (
            <li key={row.uid}>{row.name}</li>
          ))}
        </ul>
      ),
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
      <Button variant="default" color="red" leftSection={<IconTrash size={15} />} onClick={remove}>
        <Trans>Delete</Trans>
      </Button>
      <Button variant="subtle" onClick={done}><Trans>Choose none</Trans></Button>
    </>
  );
}
