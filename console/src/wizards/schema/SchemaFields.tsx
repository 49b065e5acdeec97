/** Inputs made from a schema. Names of fields stay as the API has them: people look them up. */
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useMaking } from "../engine/form";
import { Entries, FlagAt, Fold, IntOrTextAt, NumberAt, PairsAt, PickAt, Row, TextAt, WordsAt } from "../fields";
import styles from "../fields/Layout.module.css";
import { get, type Path } from "../model/path";
import type { Field, Shape } from "./model";

const SIMPLE = new Set(["text", "number", "choice", "intOrText", "texts"]);

/** The plain ones in rows; what has parts of its own, and what is not required, folded. */
export function SchemaFields({ fields, path }: { fields: Field[]; path: Path }) {
  const isSimple = (field: Field) => SIMPLE.has(field.shape.is);
  return (
    <>
      <Row>
        {fields.filter(isSimple).map((field) => (
          <SchemaField key={field.name} field={field} path={[...path, field.name]} />
        ))}
      </Row>
      {fields
        .filter((field) => !isSimple(field))
        .map((field) => (
          <SchemaField key={field.name} field={field} path={[...path, field.name]} />
        ))}
    </>
  );
}

function firstSentence(text: string): string {
  const end = text.search(/[.。](\s|$)/);
  const sentence = end < 0 ? text : text.slice(0, end + 1);
  return sentence.length > 160 ? `${sentence.slice(0, 157)}…` : sentence;
}

function SchemaField({ field, path }: { field: Field; path: Path }): ReactNode {
  const { name, required, shape } = field;
  const description = field.description ? firstSentence(field.description) : undefined;
  const common = { at: { path }, label: name, description, required };
  switch (shape.is) {
    case "text":
      return <TextAt {...common} />;
    case "number":
      return <NumberAt {...common} min={shape.minimum} max={shape.maximum} decimal={!shape.whole} />;
    case "choice":
      return <PickAt {...common} data={shape.of} clearable={!required} />;
    case "intOrText":
      return <IntOrTextAt {...common} />;
    case "texts":
      return <WordsAt {...common} />;
    case "flag":
      return <FlagAt {...common} off={required ? false : undefined} />;
    default:
      return <Part field={field} shape={shape} path={path} description={description} />;
  }
}

function Part({ field, shape, path, description }: { field: Field; shape: Shape; path: Path; description?: string }) {
  const { docs } = useMaking();
  const value = get(docs[0], path);
  const summary = value === undefined ? description : Array.isArray(value) ? value.length : typeof value === "object" && value !== null ? Object.keys(value).join(", ") : "";
  return (
    <Fold title={field.name} summary={summary} open={field.required || path.length === 1} holds={[{ path }]}>
      {description && <p className={styles.none}>{description}</p>}
      {shape.is === "fields" && <SchemaFields fields={shape.fields} path={path} />}
      {shape.is === "pairs" && <PairsAt at={{ path }} />}
      {shape.is === "list" && shape.of.is === "fields" && <List fields={shape.of.fields} path={path} />}
      {shape.is === "opaque" && (
        <p className={styles.none}>
          <Trans>This can be anything: write it in the YAML.</Trans>
        </p>
      )}
    </Fold>
  );
}

function List({ fields, path }: { fields: Field[]; path: Path }) {
  return (
    <Entries at={{ path }} add={<Trans>Add an entry</Trans>} blank={() => ({})}>
      {(at) => <SchemaFields fields={fields} path={at().path} />}
    </Entries>
  );
}
