/** A service and a route in the same go. */
import { Trans } from "@lingui/react/macro";
import { Switch } from "@/ui";
import { useMaking } from "../engine/form";
import { RouteFields } from "../forms/RouteFields";
import { ServiceFields } from "../forms/ServiceFields";
import { indexOf, withRoute, withService } from "./model";

export function NetworkStep() {
  const { docs, edit } = useMaking();
  const [service, route] = [indexOf(docs, "Service"), indexOf(docs, "Ingress")];
  return (
    <>
      <Switch
        mb={12}
        label={<Trans>Also create a service</Trans>}
        description={<Trans>A name and an address inside the cluster that stay while pods come and go.</Trans>}
        checked={service > 0}
        onChange={({ currentTarget: { checked } }) => edit((now) => withService(now, checked))}
      />
      {service > 0 && <ServiceFields doc={service} companion />}
      <Switch
        mb={12}
        label={<Trans>Also create a route</Trans>}
        description={<Trans>A host name by which it is reached from outside.</Trans>}
        checked={route > 0}
        onChange={({ currentTarget: { checked } }) => edit((now) => withRoute(now, checked))}
      />
      {route > 0 && <RouteFields doc={route} />}
    </>
  );
}
