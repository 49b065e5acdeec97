/** An editor for YAML. Loaded when one is opened: use it by YamlEditor. */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import type { Problem } from "@/lib/yamlCheck";
import { type AskSchemas, assist } from "./assist";
import { theme } from "./theme";
import styles from "./Editor.module.css";

export interface YamlEditorProps {
  value: string;
  label: string;
  onChange?: (value: string) => void;
  onBlur?: () => void;
  /** Gives completion, explanations and marks. */
  schemas?: AskSchemas;
}

/** Of changes that come from outside: they are not told back. */
const given = Annotation.define<boolean>();
const none: AskSchemas = () => Promise.resolve(undefined);

export default function Editor({ value, label, onChange, onBlur, schemas = none }: YamlEditorProps) {
  const { t } = useLingui();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const told = useRef({ onChange, onBlur });
  const words = useRef(new Compartment());
  const readOnly = !onChange;
  useEffect(() => {
    told.current = { onChange, onBlur };
  });
  useEffect(() => {
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(),
          yaml(), indentUnit.of("  "), EditorState.tabSize.of(2), theme, words.current.of([]), EditorState.readOnly.of(readOnly),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((each) => each.annotation(given))) told.current.onChange?.(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({ blur: () => told.current.onBlur?.() }),
        ],
      }),
    });
    editor.scrollDOM.tabIndex = 0;
    view.current = editor;
    return () => editor.destroy();
    // What changes later is brought in below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [readOnly]);
  useEffect(() => {
    const say = (problem: Problem): string => {
      if (problem.what === "syntax") return problem.text;
      if (problem.what === "unknown" || problem.what === "missing") {
        const { what, field } = problem;
        return what === "unknown" ? t`There is no field “${field}” here` : t`“${field}” is needed here`;
      }
      const { what, wanted } = problem;
      return what === "choice" ? t`One of: ${wanted}` : t`This is to be of type ${wanted}`;
    };
    const aria = { "aria-label": label, "aria-description": t`Escape, then Tab leaves the editor`, "aria-readonly": String(readOnly) };
    const phrases = EditorState.phrases.of({
      Find: t`Find`, Replace: t`Replace`, next: t`next`, previous: t`previous`, all: t`all`, replace: t`replace`, "replace all": t`replace all`,
      "match case": t`match case`, regexp: t`regular expression`, "by word": t`whole words`, close: t`Close`,
    });
    view.current?.dispatch({ effects: words.current.reconfigure([EditorView.contentAttributes.of(aria), phrases, assist(schemas, say)]) });
  }, [label, schemas, readOnly, t]);
  useEffect(() => {
    const editor = view.current;
    const now = editor?.state.doc.toString();
    if (editor && now !== value) editor.dispatch({ changes: { from: 0, to: now!.length, insert: value }, annotations: given.of(true) });
  }, [value, readOnly]);
  return <div ref={place} className={styles.editor} />;
}
