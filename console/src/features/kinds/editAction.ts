/** Edit an object by the form that it is created by. */
import { msg } from "@lingui/core/macro";
import { type Action, addressOf } from "@/kinds";
import { IconEdit } from "@/ui";

export const editAction: Action = {
  id: "edit",
  title: msg`Edit settings`,
  icon: IconEdit,
  needs: { verb: "update" },
  key: "e",
  run: ({ scope, kind, object }) => {
    const { name, namespace = "" } = object.metadata;
    const [path, query] = addressOf(scope, kind.group, kind.plural, namespace, name).split("?");
    // The router knows all pages, and so this one: it is there by the time somebody clicks.
    void import("@/router").then(({ router }) => router.history.push(`${path}/edit${query ? `?${query}` : ""}`));
  },
};
