/** Inputs that are bound to a place of an object. An empty input takes the place out. */
import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Autocomplete, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@/ui";
import { type Place, useAt } from "../engine/form";
import { lineOf, wordsOf } from "../workload/container";
import { useState } from "react";
import { same } from "../model/path";
import { amountOf } from "@/lib/quantity";

interface Common {
  at: Place;
  label: ReactNode;
  description?: ReactNode;
  placeholder?: string;
  required?: boolean;
  disabled?: boolean;
}

/** Kept while it is empty: a key that has to be there. */
interface Kept extends Common {
  kept?: boolean;
  mono?: boolean;
}

const MONO = { input: { fontFamily: "var(--mono)" } };

export function TextAt({ at, kept, mono, required, ...rest }: Kept) {
  const [value, change, error] = useAt<string | number>(at);
  const shown = value === undefined || value === null ? "" : String(value);
  return (
    <TextInput
      {...rest}
      withAsterisk={required}
      error={error}
      value={shown}
      styles={mono ? MONO : undefined}
      onChange={(event) => change(event.currentTarget.value || (kept || required ? "" : undefined))}
    />
  );
}

export function AreaAt({ at, mono, rows = 3, required, ...rest }: Kept & { rows?: number }) {
  const [value, change, error] = useAt<string>(at);
  return (
    <Textarea
      {...rest}
      withAsterisk={required}
      error={error}
      autosize
      minRows={rows}
      maxRows={16}
      value={value ?? ""}
      styles={mono ? MONO : undefined}
      onChange={(event) => change(event.currentTarget.value || undefined)}
    />
  );
}

export function NumberAt({ at, min, max, suffix, decimal = false, required, ...rest }: Common & { min?: number; max?: number; suffix?: string; decimal?: boolean }) {
  const [value, change, error] = useAt<number>(at);
  return (
    <NumberInput
      {...rest}
      withAsterisk={required}
      error={error}
      min={min}
      max={max}
      suffix={suffix}
      allowDecimal={decimal}
      value={value ?? ""}
      onChange={(next) => change(typeof next === "number" ? next : undefined)}
    />
  );
}

/** A number, or a name or percentage: as ports and shares are given. */
export function IntOrTextAt({ at, required, ...rest }: Common) {
  const [value, change, error] = useAt<string | number>(at);
  return (
    <TextInput
      {...rest}
      withAsterisk={required}
      error={error}
      value={value === undefined ? "" : String(value)}
      onChange={({ currentTarget: { value: text } }) => change(text === "" ? undefined : /^\d+$/.test(text) ? Number(text) : text)}
    />
  );
}

export interface Choice {
  value: string;
  label: string;
}

/** One of few; `fallback` is shown while nothing is set, and what it means stands for unset. */
export function PickAt({ at, data, fallback, required, clearable, ...rest }: Common & { data: (Choice | string)[]; fallback?: string; clearable?: boolean }) {
  const [value, change, error] = useAt<string>(at);
  const known = data.some((each) => (typeof each === "string" ? each : each.value) === value);
  const all = value && !known ? [...data, value] : data;
  return (
    <Select
      {...rest}
      withAsterisk={required}
      error={error}
      data={all}
      clearable={clearable}
      allowDeselect={false}
      searchable={all.length > 8}
      value={value ?? fallback ?? null}
      onChange={(next) => change(next === null ? undefined : next)}
    />
  );
}

const SHOWN = 40;

/** Free text with proposals; an `amount` is a Kubernetes quantity. */
export function SuggestAt({ at, data, required, mono, amount, ...rest }: Kept & { data: string[]; amount?: boolean }) {
  const { t } = useLingui();
  const [value, change, refusal] = useAt<string | number>(at);
  const error = amount && value !== undefined && value !== "" && Number.isNaN(amountOf(value)) ? t`Not an amount, such as 500m, 2 or 256Mi` : refusal;
  return (
    <Autocomplete
      {...rest}
      withAsterisk={required}
      error={error}
      data={data}
      limit={SHOWN}
      styles={mono ? MONO : undefined}
      value={value === undefined || value === null ? "" : String(value)}
      onChange={(next) => change(next || (required ? "" : undefined))}
    />
  );
}

/** `off` is what the switch writes when it is off: nothing by default. */
export function FlagAt({ at, label, description, fallback = false, off }: Common & { fallback?: boolean; off?: boolean }) {
  const [value, change, error] = useAt<boolean>(at);
  const no = fallback ? false : off;
  return (
    <Switch
      mb={10}
      label={label}
      description={description}
      error={error}
      checked={value ?? fallback}
      onChange={(event) => change(event.currentTarget.checked ? (fallback ? undefined : true) : no)}
    />
  );
}

export function WordsAt({ at, data, required, ...rest }: Common & { data?: string[] }) {
  const [value, change, error] = useAt<string[]>(at, true);
  return <TagsInput {...rest} withAsterisk={required} error={error} data={data} value={value ?? []} onChange={(next) => change(next.length ? next : undefined)} />;
}

/** A list of words as one command line. */
export function LineAt({ at, ...rest }: Common) {
  const [value, change, error] = useAt<string[]>(at, true);
  const [text, setText] = useState(() => lineOf(value));
  if (!same(wordsOf(text), value ?? [])) setText(lineOf(value));
  return (
    <TextInput
      {...rest}
      error={error}
      styles={MONO}
      value={text}
      onChange={({ currentTarget: { value: line } }) => {
        const words = wordsOf(line);
        setText(line);
        change(words.length ? words : undefined);
      }}
    />
  );
}

/** A name of what there is; what there is not yet can be typed. */
export function NameAt({ names, ...rest }: Kept & { names: string[] }) {
  const { t } = useLingui();
  return <SuggestAt {...rest} data={names} placeholder={rest.placeholder ?? (names.length ? t`Choose or type` : undefined)} />;
}
