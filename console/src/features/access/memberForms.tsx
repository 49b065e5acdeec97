/** What is asked and shown before a member's role changes. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { Select, SmallForm } from "@/ui";
import { Consequences } from "./Consequences";
import type { Place } from "./place";
import { choicesOf } from "./roleNames";

type Member = Schemas["Member"];

function Preview({ place, member, role }: { place: Place; member: Member; role: string }) {
  const path = `${place.path}/members/${segment(member.member)}/preview`;
  const asked = useQuery({ queryKey: ["preview", path, role], queryFn: () => platform<Schemas["Preview"]>("POST", path, { body: { role } }), staleTime: 0 });
  return <Answer of={asked}>{(preview) => <Consequences preview={preview} level={place.level} />}</Answer>;
}

export const RemovalPreview = ({ place, member }: { place: Place; member: Member }) => <Preview place={place} member={member} role="" />;

export function ChangeRole({ place, member, send }: { place: Place; member: Member; send: (role: string) => void }) {
  const { t } = useLingui();
  const [role, setRole] = useState(member.role);
  const roles = useAsked<Schemas["Roles"]>(`${place.path}/roles`);
  const choices = choicesOf(roles.data?.items ?? []);
  const chosen = roles.data?.items.find((each) => each.name === role);
  return (
    <SmallForm action={<Trans>Change role</Trans>} disabled={role === member.role} send={() => send(role)}>
      <Select label={t`Role`} description={chosen?.description} data={choices.some((each) => each.value === member.role) ? choices : [member.role, ...choices]} value={role} allowDeselect={false} onChange={(value) => setRole(value ?? member.role)} />
      {role !== member.role && <Preview place={place} member={member} role={role} />}
    </SmallForm>
  );
}
