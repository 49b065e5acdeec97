/** The fields of a provider's form, by type: one table says what each is, and what it begins with. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export type ProviderType = "ldap" | "oidc";

export interface Field {
  id: string;
  label: MessageDescriptor;
  hint?: MessageDescriptor;
  kind?: "switch" | "number" | "pem" | "words";
  start?: string | number | boolean | string[];
  required?: boolean;
  /** Seldom needed: shown when asked for. */
  more?: boolean;
}

const CA: Field = { id: "ca", label: msg`Certificate authority`, hint: msg`PEM; only where it is not a public one`, kind: "pem", more: true };

export const FIELDS: Record<ProviderType, Field[]> = {
  ldap: [
    { id: "url", label: msg`Address`, hint: msg`ldaps://host:636 or ldap://host:389`, required: true },
    { id: "baseDn", label: msg`Base DN`, hint: msg`Where people are searched: dc=example,dc=org`, required: true },
    { id: "bindDn", label: msg`Bind DN`, hint: msg`Who searches; anonymous if empty` },
    { id: "filter", label: msg`Filter`, hint: msg`Which entry signs in; the login that was typed stands in braces`, start: "(uid={login})" },
    { id: "startTls", label: msg`Begin TLS on an ldap:// connection`, kind: "switch", start: true },
    { id: "nameAttribute", label: msg`Attribute of the user name`, start: "uid", more: true },
    { id: "emailAttribute", label: msg`Attribute of the e-mail address`, start: "mail", more: true },
    { id: "displayNameAttribute", label: msg`Attribute of the display name`, start: "cn", more: true },
    { id: "memberOfAttribute", label: msg`Attribute of the groups`, hint: msg`memberOf, where a person's entry names their groups`, more: true },
    { id: "groupBaseDn", label: msg`Base DN of groups`, hint: msg`Where groups are searched; none are if empty`, more: true },
    { id: "disabledFilter", label: msg`Filter of disabled accounts`, more: true },
    { id: "syncSeconds", label: msg`Look at accounts every (seconds)`, kind: "number", start: 300, more: true },
    CA,
    { id: "insecure", label: msg`Send passwords without TLS (for tests)`, kind: "switch", start: false, more: true },
  ],
  oidc: [
    { id: "issuer", label: msg`Issuer`, hint: msg`Its URL; discovery is read below it`, required: true },
    { id: "clientId", label: msg`Client ID`, hint: msg`As the provider knows this platform`, required: true },
    { id: "scopes", label: msg`Scopes`, kind: "words", start: ["openid", "profile", "email"] },
    { id: "nameClaim", label: msg`Claim of the user name`, start: "preferred_username", more: true },
    { id: "emailClaim", label: msg`Claim of the e-mail address`, start: "email", more: true },
    { id: "displayNameClaim", label: msg`Claim of the display name`, start: "name", more: true },
    { id: "groupsClaim", label: msg`Claim of the groups`, start: "groups", more: true },
    CA,
    { id: "insecure", label: msg`Speak HTTP to an issuer on this machine (for tests)`, kind: "switch", start: false, more: true },
  ],
};
