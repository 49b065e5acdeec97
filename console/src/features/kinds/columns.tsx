/** Which columns a list has: its kind's, or the server's. */
import type { Row, ServerColumn } from "@/api/live";
import type { KindInfo } from "@/kinds";
import { Go, useSearchState } from "@/router/Go";
import { Age, type Column } from "@/ui";

interface Words {
  name: string;
  namespace: string;
  age: string;
  shows: boolean;
}

const SERVERS_OWN = new Set(["name", "namespace", "age", "created"]);

/** Name, place, the kind's own columns and age. A kind without any gets those of the server. */
export function columnsOf(
  kind: KindInfo,
  served: ServerColumn[],
  at: Map<string, number>,
  say: (message: KindInfo["one"]) => string,
  words: Words,
): Column<Row>[] {
  const cells = (row: Row) => (id: string) => {
    const value = row.cells[at.get(id) ?? -1];
    return value === null || value === undefined ? "" : String(value);
  };
  const own: Column<Row>[] = kind.columns.length
    ? kind.columns
        .filter((column) => at.size === 0 || at.has(column.id))
        .map((column) => ({
          id: column.id,
          title: say(column.title),
          width: column.width,
          align: column.align,
          from: column.from,
          sortable: true,
          cell: (row) => {
            const value = cells(row)(column.id);
            return column.show ? column.show(value, row, cells(row)) : value;
          },
        }))
    : served
        .filter((column) => !SERVERS_OWN.has(column.name))
        .slice(0, 6)
        .map((column) => ({
          id: column.name,
          title: column.title,
          width: "minmax(100px, 1fr)",
          sortable: true,
          cell: (row) => shownAs(column.type, cells(row)(column.name)),
        }));
  return [
    { id: "name", title: words.name, width: "minmax(200px, 2fr)", sortable: true, cell: (row) => <NameLink row={row} /> },
    ...(words.shows ? [{ id: "namespace", title: words.namespace, width: "minmax(120px, 1fr)", sortable: true, from: 560, cell: (row: Row) => row.namespace ?? "" }] : []),
    ...own,
    { id: "created", title: words.age, width: "84px", align: "end", sortable: true, cell: (row) => <Age since={row.created} /> },
  ];
}

/** As the server's own columns are shown: moments as how long ago they were. */
export const shownAs = (type: string, value: string) => (type === "date" ? value && <Age since={value} /> : value);

/** Opens beside the list; with Ctrl, or from another place, as a page. */
function NameLink({ row }: { row: Row }) {
  const [search] = useSearchState();
  return (
    <Go to="." search={{ ...search, open: row.namespace ? `${row.namespace}/${row.name}` : row.name }} title={row.name}>
      {row.name}
    </Go>
  );
}
