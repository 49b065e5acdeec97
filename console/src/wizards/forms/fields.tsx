/** Fields that stand for a place in an object: what is not shown stays as it is. */
import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { get, type Path, set } from "@/lib/path";
import type { KubeObject } from "@/api/kube";
import { NumberInput, Select, TextInput } from "@/ui";
import { NAME, named } from "../templates";
import type { FormProps } from ".";

/** One object of a form's several. */
export interface Place {
  object: KubeObject;
  write: (path: Path, value: unknown) => void;
  errorAt: (field: string) => string | undefined;
}

export function placeOf({ objects, change, fault }: FormProps, index: number): Place {
  return {
    object: objects[index]!,
    write: (path, value) => change(objects.map((object, at) => (at === index ? set(object, path, value) : object))),
    errorAt: (field) => fault?.of(field),
  };
}

interface FieldProps {
  place: Place;
  path: Path;
  label: ReactNode;
  description?: ReactNode;
  required?: boolean;
  placeholder?: string;
}

/** `spec.template.spec.containers[0].image`: as the server names fields. */
const fieldName = (path: Path) => path.map((key, index) => (typeof key === "number" ? `[${key}]` : index ? `.${key}` : key)).join("");

export function TextAt({ place, path, mono, ...rest }: FieldProps & { mono?: boolean }) {
  return (
    <TextInput
      {...rest}
      classNames={mono ? { input: "mono" } : undefined}
      value={get<string>(place.object, path) ?? ""}
      error={place.errorAt(fieldName(path))}
      onChange={(event) => place.write(path, event.currentTarget.value || undefined)}
    />
  );
}

export function NumberAt({ place, path, min = 0, max, ...rest }: FieldProps & { min?: number; max?: number }) {
  return (
    <NumberInput
      {...rest}
      min={min}
      max={max}
      allowDecimal={false}
      value={get<number>(place.object, path) ?? ""}
      error={place.errorAt(fieldName(path))}
      onChange={(value) => place.write(path, typeof value === "number" ? value : undefined)}
    />
  );
}

export function ChoiceAt({ place, path, choices, ...rest }: FieldProps & { choices: { value: string; label: string }[] }) {
  return (
    <Select
      {...rest}
      data={choices}
      allowDeselect={false}
      value={get<string>(place.object, path) ?? choices[0]?.value ?? null}
      error={place.errorAt(fieldName(path))}
      onChange={(value) => place.write(path, value ?? undefined)}
    />
  );
}

/** The name of the first object; what is made with it is named alike. */
export function NameField({ form }: { form: FormProps }) {
  const { t } = useLingui();
  const { name } = form.objects[0]!.metadata;
  const wrong = name !== "" && !NAME.test(name) ? t`Lower-case letters, digits and hyphens; it begins and ends with a letter or digit` : undefined;
  const rename = (to: string) =>
    form.change(form.objects.map((object, index) => (index === 0 || object.metadata.name === name ? named(object, to) : object)));
  return (
    <TextInput
      data-autofocus
      required
      label={t`Name`}
      value={name}
      error={wrong ?? form.fault?.of("metadata.name")}
      onChange={(event) => rename(event.currentTarget.value)}
    />
  );
}
