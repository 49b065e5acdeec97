/** What can be done with service accounts. */
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import type { Action } from "@/kinds/kind";
import { confirm } from "@/ui";
import { IconKey } from "@/ui/icons";

const TokenForm = lazy(() => import("./TokenForm").then((module) => ({ default: module.TokenForm })));

export const makeToken: Action = {
  id: "token",
  title: msg`Make a token`,
  icon: IconKey,
  needs: { verb: "create", subresource: "token" },
  run: ({ scope, object }) => {
    const { name, namespace = "" } = object.metadata;
    confirm({
      title: <Trans>A token of {name}</Trans>,
      form: () => (
        <Suspense>
          <TokenForm cluster={scope.cluster} namespace={namespace} name={name} />
        </Suspense>
      ),
    });
  },
};
