/** Roles of a place by the names that people know them by. */
import type { Schemas } from "@/api/ask";
import { useRoles } from "./Members";

type Role = Schemas["RoleView"];

export const titleOf = ({ name, displayName }: Pick<Role, "name" | "displayName">): string => displayName || name;
export const choicesOf = (roles: readonly Role[]) => roles.map((role) => ({ value: role.name, label: titleOf(role) }));

/** Of roles at a place below /platform/v1; their names where they are not told. */
export function useRoleTitles(path: string): (name: string) => string {
  const roles = useRoles(path).data?.items ?? [];
  return (name) => {
    const found = roles.find((role) => role.name === name);
    return found ? titleOf(found) : name;
  };
}
