/** An object beside the list it is in; the list stays in use. */
import { useLingui } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { Loading } from "@/app/Loading";
import { addressOf, type KindInfo } from "@/kinds";
import { Go } from "@/router/Go";
import { useScope } from "@/router/scope";
import { ActionIcon, Fault, IconArrowsMaximize, IconX } from "@/ui";
import { Actions } from "./Actions";
import { Details } from "./Details";
import styles from "./ObjectPanel.module.css";
import { useObject } from "./useObject";

const NARROWEST = 320;

export function ObjectPanel({ kind, address, close }: { kind: KindInfo; address: string; close: () => void }) {
  const { t } = useLingui();
  const scope = useScope();
  const [width, setWidth] = useState(520);
  const panel = useRef<HTMLElement>(null);
  const [namespace, name] = kind.namespaced ? (address.split("/") as [string, string]) : ["", address];
  const { object, error, loading } = useObject(scope.cluster, kind, namespace, name);
  const [path, search] = addressOf(scope, kind.group, kind.plural, namespace, name).split("?");
  return (
    <aside ref={panel} className={styles.panel} style={{ width }} aria-label={name}>
      <div
        className={styles.grip}
        role="separator"
        aria-orientation="vertical"
        aria-label={t`Width of the panel`}
        aria-valuenow={width}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") setWidth(width + 24);
          if (event.key === "ArrowRight") setWidth(Math.max(NARROWEST, width - 24));
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) setWidth(Math.max(NARROWEST, panel.current!.getBoundingClientRect().right - event.clientX));
        }}
      />
      <header>
        <h2 className="clip" title={name}>{name}</h2>
        {object && <Actions shown={{ scope: { ...scope, namespace }, kind, object }} compact />}
        <Go to={path!} search={Object.fromEntries(new URLSearchParams(search))} aria-label={t`Open as a page`} title={t`Open as a page`}>
          <IconArrowsMaximize size={16} />
        </Go>
        <ActionIcon aria-label={t`Close`} onClick={close}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      {error ? <Fault error={error} /> : loading || !object ? <Loading /> : <Details shown={{ scope: { ...scope, namespace }, kind, object }} compact />}
    </aside>
  );
}
