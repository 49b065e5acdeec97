/** Workspace, cluster and project: where one is, and the way to elsewhere. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { clusters, useProjects, useWorkspaces } from "@/api/places";
import { useScope } from "@/router/scope";
import { useGo } from "@/router/Go";
import { IconBuilding, IconChevronRight, IconFolder, IconSelector, IconServer2, Popover, ScrollArea, TextInput, UnstyledButton, useHotkeys } from "@/ui";
import styles from "./ScopeSwitch.module.css";

export function ScopeSwitch() {
  const scope = useScope();
  const [open, setOpen] = useState(false);
  useHotkeys([["mod+shift+S", () => setOpen(true)]]);
  return (
    <Popover opened={open} onChange={setOpen} width={560} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <UnstyledButton className={styles.button} aria-expanded={open} onClick={() => setOpen((now) => !now)}>
          <span className="sr-only"><Trans>Change workspace or project</Trans></span>
          <Trail />
          <IconSelector size={14} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0}>{open && <Choices workspace={scope.workspace} close={() => setOpen(false)} />}</Popover.Dropdown>
    </Popover>
  );
}

function Trail() {
  const scope = useScope();
  if (scope.level === "cluster") return <Steps steps={[scope.cluster]} />;
  if (scope.workspace) return <Steps steps={scope.project ? [scope.workspace, scope.project] : [scope.workspace]} />;
  return <span className="dim clip"><Trans>Choose a workspace</Trans></span>;
}

function Steps({ steps }: { steps: string[] }) {
  return (
    <span className={styles.trail}>
      {steps.map((step, index) => (
        <span key={index} className="clip">
          {index > 0 && <IconChevronRight size={13} aria-hidden />}
          {index === steps.length - 1 ? <b className="clip">{step}</b> : <span className="clip">{step}</span>}
        </span>
      ))}
    </span>
  );
}

function Choices({ workspace, close }: { workspace: string; close: () => void }) {
  const { t } = useLingui();
  const go = useGo();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(workspace);
  const all = useWorkspaces().data?.items ?? [];
  const reached = useQuery(clusters).data?.items ?? [];
  const projects = useProjects(chosen).data?.items ?? [];
  const matches = (name: string, display: string) => `${name} ${display}`.toLowerCase().includes(words.toLowerCase());
  const leave = (to: string) => {
    close();
    go(to);
  };
  return (
    <div className={styles.choices}>
      <TextInput data-autofocus placeholder={t`Find a workspace, project or cluster`} aria-label={t`Find a workspace, project or cluster`} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      <div className={styles.columns}>
        <ScrollArea h={320}>
          <h2><Trans>Workspaces</Trans></h2>
          {all.filter((each) => matches(each.name, each.displayName)).map((each) => (
            <UnstyledButton key={each.name} className={styles.choice} data-chosen={each.name === chosen || undefined} onMouseEnter={() => setChosen(each.name)} onFocus={() => setChosen(each.name)} onClick={() => leave(`/w/${each.name}`)}>
              <IconBuilding size={15} aria-hidden />
              <span className="clip">{each.displayName || each.name}</span>
            </UnstyledButton>
          ))}
          {reached.length > 0 && <h2><Trans>Clusters</Trans></h2>}
          {reached.filter((each) => matches(each.name, "")).map((each) => (
            <UnstyledButton key={each.name} className={styles.choice} onClick={() => leave(`/c/${each.name}`)}>
              <IconServer2 size={15} aria-hidden />
              <span className="clip">{each.name}</span>
            </UnstyledButton>
          ))}
        </ScrollArea>
        <ScrollArea h={320}>
          <h2>{chosen ? <Trans>Projects in {chosen}</Trans> : <Trans>Projects</Trans>}</h2>
          {projects.map((each) => (
            <UnstyledButton key={each.name} className={styles.choice} onClick={() => leave(`/w/${each.workspace}/c/host/p/${each.name}`)}>
              <IconFolder size={15} aria-hidden />
              <span className="clip">{each.displayName || each.name}</span>
            </UnstyledButton>
          ))}
          {chosen && projects.length === 0 && <p className="dim"><Trans>No project yet</Trans></p>}
        </ScrollArea>
      </div>
    </div>
  );
}
