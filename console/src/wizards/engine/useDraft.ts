/** The draft that a wizard works on: edited by form or text, kept until it is sent or discarded. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { KubeObject } from "@/api/kube";
import { merge } from "@/lib/merge";
import { type Draft, draftOf, reread, rewritten } from "../model/draft";
import { drop, keep, kept } from "./kept";

export interface Begin {
  /** The draft's place in the browser's storage. */
  address: string;
  docs: KubeObject[];
}

export function useDraft({ address, docs }: Begin) {
  const [found] = useState(() => kept(address));
  const [base, setBase] = useState<KubeObject[]>(() => (found?.base as KubeObject[] | undefined) ?? docs);
  const [draft, setDraft] = useState<Draft>(() => (found ? reread(draftOf(docs), found.text) : draftOf(docs)));
  const [touched, touch] = useState(found !== undefined);
  // What is secret is not left in the browser.
  const isSecret = draft.docs.some((doc) => doc.kind === "Secret");
  const unsent = useRef(touched);
  useEffect(() => {
    unsent.current = touched;
    if (touched && !isSecret) keep(address, { text: draft.text, base });
  }, [address, base, draft.text, isSecret, touched]);

  const change = useCallback((next: (now: Draft) => Draft) => {
    setDraft(next);
    touch(true);
  }, []);
  const done = useCallback(() => {
    drop(address);
    unsent.current = false;
  }, [address]);
  return {
    draft,
    unsent,
    restored: found !== undefined,
    isKept: !isSecret,
    edit: useCallback((next: (now: KubeObject[]) => KubeObject[]) => change((now) => rewritten(now, next(now.docs))), [change]),
    write: useCallback((text: string) => change((now) => reread(now, text)), [change]),
    take: useCallback((next: Draft) => change(() => next), [change]),
    /** Nothing is kept any more. */
    done,
    /** From the beginning. */
    reset: useCallback(() => {
      drop(address);
      setDraft(draftOf(docs));
      touch(false);
    }, [address, docs]),
    /** One's own changes on top of what others have written meanwhile. */
    catchUp: (theirs: KubeObject) => {
      setBase([theirs]);
      change((now) => rewritten(now, [merge(withVersionOf(base[0], theirs), withVersionOf(now.docs[0], theirs), theirs).merged!]));
    },
  };
}

function withVersionOf(object: KubeObject | undefined, theirs: KubeObject): KubeObject | undefined {
  return object && { ...object, metadata: { ...object.metadata, resourceVersion: theirs.metadata.resourceVersion } };
}
