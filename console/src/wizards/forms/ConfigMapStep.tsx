/** Entries of a config map; files that are no text are kept as they are. */
import { Trans } from "@lingui/react/macro";
import { useAt, useMaking } from "../engine/form";
import { FlagAt, PairsAt } from "../fields";
import { get, set } from "../model/path";
import { decode, encodeBytes } from "@/lib/base64";
import { FileDrop } from "./FileDrop";
import styles from "./forms.module.css";

export function ConfigMapStep() {
  const { edit } = useMaking();
  const [binary = {}] = useAt<Record<string, string>>({ path: ["binaryData"] });
  const files = Object.keys(binary).join(", ");
  return (
    <>
      <PairsAt tall at={{ path: ["data"] }} label={<Trans>Data</Trans>} add={<Trans>Add an entry</Trans>} />
      {files && (
        <p className={styles.note}>
          <Trans>Files that are no text: {files}</Trans>
        </p>
      )}
      <FileDrop
        take={(dropped) =>
          edit(([map, ...rest]) => [
            dropped.reduce((now, { name, bytes }) => {
              const text = decode(encodeBytes(bytes));
              const [field, value] = text === undefined ? ["binaryData", encodeBytes(bytes)] : ["data", text];
              return set(now, [field], { ...get<Record<string, string>>(now, [field]), [name]: value });
            }, map!),
            ...rest,
          ])
        }
      />
      <FlagAt at={{ path: ["immutable"] }} label={<Trans>Cannot be changed any more</Trans>} />
    </>
  );
}
