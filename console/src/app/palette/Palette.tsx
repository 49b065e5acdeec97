/** Go to any page or object, by keyboard: Ctrl K. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { platform } from "@/api/client";
import type { Row } from "@/api/live";
import { addressOf, kindBy } from "@/kinds";
import { useScope } from "@/router/scope";
import { useGo } from "@/router/Go";
import { IconSearch, Modal, TextInput, useDebouncedValue } from "@/ui";
import { useNavItems } from "../nav";
import { openDock } from "../dock/store";
import { closePalette } from "./open";
import styles from "./Palette.module.css";

interface Found {
  group: string;
  kind: string;
  plural: string;
  items: Row[];
}

interface Entry {
  key: string;
  label: string;
  aside: string;
  to: string;
  /** What is done, where there is no page to go to. */
  run?: () => void;
}

export default function Palette() {
  const { t } = useLingui();
  return (
    <Modal opened onClose={closePalette} withCloseButton={false} padding={0} size={620} centered={false} yOffset="12vh" title={undefined} aria-label={t`Search`}>
      <Finder close={closePalette} />
    </Modal>
  );
}

function Finder({ close }: { close: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words.trim(), 120);
  const [at, setAt] = useState(0);
  const entries = useEntries(words.trim(), asked);
  const index = Math.min(at, Math.max(0, entries.length - 1));
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    if (entry.run) return entry.run();
    const [path, search] = entry.to.split("?");
    go(path!, Object.fromEntries(new URLSearchParams(search)));
  };
  return (
    <div>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        px="md"
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={entries[index] ? `palette-${index}` : undefined}
        aria-label={t`Search or jump to…`}
        placeholder={t`Search or jump to…`}
        leftSection={<IconSearch size={16} />}
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(index + 1, entries.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(index - 1, 0));
          else if (event.key === "Enter") choose(entries[index]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="palette-list" role="listbox" className={styles.list} aria-label={t`Results`}>
        {entries.map((entry, number) => (
          <li key={entry.key} id={`palette-${number}`} role="option" aria-selected={number === index} onMouseMove={() => setAt(number)} onClick={() => choose(entry)}>
            <span className="clip">{entry.label}</span>
            <span className="dim clip">{entry.aside}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 && <p className={styles.none}><Trans>Nothing found</Trans></p>}
    </div>
  );
}

function useEntries(words: string, asked: string): Entry[] {
  const { t } = useLingui();
  const scope = useScope();
  const pages = useNavItems();
  const { data } = useQuery({
    queryKey: ["search", scope.cluster, asked],
    queryFn: () => platform<{ items: Found[] }>("GET", "/search", { query: { q: asked, cluster: scope.cluster } }),
    enabled: asked !== "",
  });
  const low = words.toLowerCase();
  const here = pages
    .filter((page) => [page.label, ...(page.synonyms ?? [])].some((name) => name.toLowerCase().includes(low)))
    .map((page) => ({ key: page.to, label: page.label, aside: t`Page`, to: page.to }));
  const found = (asked ? (data?.items ?? []) : []).flatMap((kind) =>
    kind.items.map((row) => ({
      key: row.uid,
      label: row.name,
      aside: [kindBy(kind.group, kind.plural) ? t(kindBy(kind.group, kind.plural)!.one) : kind.kind, row.namespace].filter(Boolean).join(" · "),
      to: addressOf(scope, kind.group, kind.plural, row.namespace ?? "", row.name),
    })),
  );
  const { cluster, namespace } = scope;
  const kubectl: Entry = { key: "kubectl", label: "kubectl", aside: t`Terminal`, to: "", run: () => openDock({ type: "kubectl", cluster, namespace }) };
  const actions = low && !"kubectl terminal shell 终端 命令行".includes(low) ? [] : [kubectl];
  return [...here.slice(0, words ? 6 : 20), ...actions, ...found];
}
