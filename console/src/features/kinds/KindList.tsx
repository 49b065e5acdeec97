/** Any kind's objects: searched, filtered, sorted, chosen; one of them open beside the list. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";
import type { Row } from "@/api/live";
import type { KindInfo } from "@/kinds";
import { useGo, useSearchState } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Button, DataTable, Empty, Fault, IconPlus, IconSearch, Page, TextInput, useDebouncedValue, useElementSize, useHotkeys } from "@/ui";
import { Batch } from "./Batch";
import { columnsOf } from "./columns";
import { ObjectPanel } from "./ObjectPanel";
import { StateChips } from "./StateChips";
import { LiveMark } from "./LiveMark";
import { useList } from "./useList";

export function KindList({ kind }: { kind: KindInfo }) {
  const { t, i18n } = useLingui();
  const scope = useScope();
  const go = useGo();
  const [search, change] = useSearchState();
  const [words, setWords] = useState(search.q ?? "");
  const [q] = useDebouncedValue(words, 150);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Row>>(new Map());
  const sort = search.sort ?? "name";
  const query = {
    namespace: scope.namespace,
    q,
    sort,
    countBy: kind.states,
    filter: kind.states && search.state ? `${kind.states}=${search.state}` : "",
  };
  const list = useList(scope.cluster, kind, query);
  const open = search.open;
  const keyOf = (row: Row) => (row.namespace ? `${row.namespace}/${row.name}` : row.name);
  const move = (step: number) => {
    const index = list.rows.findIndex((row) => keyOf(row) === open);
    const next = list.rows[Math.max(0, Math.min(list.rows.length - 1, index + step))];
    if (next) change({ open: keyOf(next) });
  };
  useHotkeys([
    ["j", () => move(1)],
    ["k", () => move(-1)],
    ["Escape", () => change({ open: undefined })],
    ["c", () => kind.made !== false && go(`${scope.base}/${kind.id}/create`)],
  ]);
  const columns = useMemo(
    () => columnsOf(kind, list.columns, list.at, (message) => i18n._(message), {
      name: t`Name`, namespace: t`Namespace`, age: t`Age`, shows: scope.level !== "project" && kind.namespaced,
    }),
    [kind, list.columns, list.at, i18n, t, scope.level],
  );
  const title = t(kind.many);
  return (
    <Page
      title={title}
      aside={
        <>
          <LiveMark />
          <span className="dim">{list.total.toLocaleString(i18n.locale)}</span>
        </>
      }
      actions={
        kind.made !== false && (
          <Button leftSection={<IconPlus size={15} />} onClick={() => go(`${scope.base}/${kind.id}/create`)}>
            <Trans>Create</Trans>
          </Button>
        )
      }
      toolbar={
        <>
          {kind.states && <StateChips counts={list.counts} chosen={search.state} choose={(state) => change({ state })} />}
          <TextInput
            w={300}
            aria-label={t`Filter`}
            placeholder={t`Filter by name, label or text`}
            leftSection={<IconSearch size={14} />}
            value={words}
            onChange={(event) => {
              setWords(event.currentTarget.value);
              change({ q: event.currentTarget.value });
            }}
          />
          {chosen.size > 0 && <Batch kind={kind} rows={[...chosen.values()]} done={() => setChosen(new Map())} />}
        </>
      }
      fill
    >
      <div ref={ref} style={{ flex: 1, minWidth: 0, display: "flex" }}>
        {list.error ? (
          <Fault error={list.error} />
        ) : (
          <DataTable
            label={title}
            columns={columns}
            rows={list.rows}
            offset={list.offset}
            total={list.total}
            loading={list.loading}
            width={width}
            keyOf={keyOf}
            current={open}
            sort={{ column: sort.replace(/^-/, ""), descending: sort.startsWith("-") }}
            onSort={({ column, descending }) => change({ sort: descending ? `-${column}` : column })}
            onRange={list.onRange}
            resetKey={JSON.stringify(query)}
            selected={new Set(chosen.keys())}
            onSelect={(key, on) => {
              const row = list.rows.find((each) => keyOf(each) === key);
              const next = new Map(chosen);
              if (on && row) next.set(key, row);
              else next.delete(key);
              setChosen(next);
            }}
            onSelectAll={(on) => setChosen(on ? new Map(list.rows.map((row) => [keyOf(row), row])) : new Map())}
            empty={<Nothing kind={kind} filtered={Boolean(words || search.state)} clear={() => { setWords(""); change({ q: undefined, state: undefined }); }} />}
          />
        )}
      </div>
      {open && <ObjectPanel kind={kind} address={open} close={() => change({ open: undefined })} />}
    </Page>
  );
}

function Nothing({ kind, filtered, clear }: { kind: KindInfo; filtered: boolean; clear: () => void }) {
  const { t } = useLingui();
  const many = t(kind.many);
  if (filtered)
    return (
      <Empty icon={IconSearch} title={<Trans>Nothing matches</Trans>} action={<Button variant="default" onClick={clear}><Trans>Clear the filter</Trans></Button>} />
    );
  return <Empty icon={kind.icon} title={<Trans>No {many} here yet</Trans>} />;
}
