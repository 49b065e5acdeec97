/** The certificates in a text: for whom, from whom, until when. They are public; keys are not. */
import { msg } from "@lingui/core/macro";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type Certificate, type Validity, validityOf } from "@/lib/certificate";
import type { Tone } from "@/lib/tone";
import { Card, Status } from "@/ui";
import tables from "@/features/kinds/Table.module.css";

const WORDS = { valid: msg`Valid`, soon: msg`Ends soon`, expired: msg`Expired`, early: msg`Not valid yet` };
const TONES: Record<Validity, Tone> = { valid: "ok", soon: "warn", expired: "bad", early: "warn" };
const DAY = 86_400_000;

export interface Found extends Certificate {
  key: string;
}

export function Certificates({ of }: { of: Found[] }) {
  const { t, i18n } = useLingui();
  const [now] = useState(Date.now);
  if (of.length === 0) return null;
  const date = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <Card title={<Trans>Certificates</Trans>} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Entry</Trans></th>
            <th><Trans>Applies to</Trans></th>
            <th><Trans>Issued by</Trans></th>
            <th><Trans>Status</Trans></th>
            <th><Trans>Until</Trans></th>
          </tr>
        </thead>
        <tbody>
          {of.map((each, index) => {
            const validity = validityOf(each, now);
            const days = Math.floor((each.until.getTime() - now) / DAY);
            return (
              <tr key={index}>
                <td className="mono">{each.key}</td>
                <td>{(each.names.length ? each.names : [each.subject]).join(", ")}</td>
                <td>{each.issuer === each.subject ? <Trans>itself</Trans> : each.issuer}</td>
                <td><Status value={t(WORDS[validity])} tone={TONES[validity]} /></td>
                <td>
                  {date.format(each.until)} {days >= 0 && <span className="dim"><Plural value={days} one="in # day" other="in # days" /></span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}
