// What manifests leave to the cluster they are for, and what the sandbox puts in its place: nodes, the IngressClass, and
// Services that an Ingress names but no file holds.

import type { ClusterObject, Ingress, IngressBackend } from '../core/domain/cluster.ts';

export type StandIn = { readonly object: Readonly<Record<string, unknown>>; readonly note: string };

export type WorldNode = {
  readonly name: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly ip: string;
};

export function nodeObject({ name, zone, instanceId, ip }: WorldNode): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: { providerID: `aws:///${zone}/${instanceId}` },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: ip }],
    },
  };
}

/** An IngressClass of ours, the default one unless the files have a default; undefined when the files bring one of ours. */
export function classStandIn(
  objects: readonly ClusterObject[],
  controllers: readonly string[],
): StandIn | undefined {
  const classes = objects.filter((object) => object.kind === 'IngressClass');
  if (
    classes.some(
      (found) => found.meta.name === 'alb' || (found.isDefault && controllers.includes(found.controller)),
    )
  )
    return undefined;
  const isDefault = !classes.some((found) => found.isDefault);
  return {
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: {
        name: 'alb',
        annotations: { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) },
      },
      spec: { controller: controllers[0] },
    },
    note: `IngressClass alb${isDefault ? ' (the default one)' : ''}: no file has one`,
  };
}

/** NodePort Services, so that both target modes work, for Services that backends and forward actions name and nobody has. */
export function serviceStandIns(
  ingresses: readonly Ingress[],
  has: (namespace: string, name: string) => boolean,
): readonly StandIn[] {
  const wanted = new Map<string, { namespace: string; name: string; ports: Map<string, number> }>();
  for (const ingress of ingresses) {
    for (const { name, port } of servicesOf(ingress)) {
      const { namespace } = ingress.meta;
      if (has(namespace, name)) continue;
      const key = `${namespace}/${name}`;
      const service = wanted.get(key) ?? { namespace, name, ports: new Map<string, number>() };
      service.ports.set(
        typeof port === 'number' ? `port-${port}` : port,
        typeof port === 'number' ? port : 80 + service.ports.size,
      );
      wanted.set(key, service);
    }
  }
  return [...wanted.values()].map(({ namespace, name, ports }) => ({
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name },
      spec: {
        type: 'NodePort',
        selector: { 'albatross.dev/stands-for': name },
        ports: [...ports].map(([portName, port], i) => ({ name: portName, port, targetPort: 8080 + i })),
      },
    },
    note: `Service ${namespace}/${name}: no file has it, an echo stands in`,
  }));
}

type ServicePortRef = { readonly name: string; readonly port: number | string };

function servicesOf(ingress: Ingress): readonly ServicePortRef[] {
  const backends = [
    ingress.defaultBackend,
    ...ingress.rules.flatMap((rule) => (rule.paths ?? []).map((path) => path.backend)),
  ];
  const actions = Object.entries(ingress.meta.annotations)
    .filter(([key]) => key.startsWith('alb.ingress.kubernetes.io/actions.'))
    .flatMap(([, value]) => forwardedServices(value));
  return [...backends.flatMap((backend) => backendService(backend)), ...actions];
}

function backendService(backend: IngressBackend | undefined): readonly ServicePortRef[] {
  if (backend?.kind !== 'service' || backend.port === undefined) return [];
  const port = backend.port.kind === 'number' ? backend.port.number : backend.port.name;
  return port === 'use-annotation' ? [] : [{ name: backend.name, port }];
}

/** Services of a forward action; an action that cannot be read is the controller's to complain about. */
function forwardedServices(annotation: string): readonly ServicePortRef[] {
  try {
    const action: unknown = JSON.parse(annotation, (_key, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]))
        : value,
    );
    const tuples = (
      action as {
        forwardconfig?: { targetgroups?: { servicename?: string; serviceport?: number | string }[] };
      }
    ).forwardconfig?.targetgroups;
    return (tuples ?? []).flatMap(({ servicename, serviceport }) => {
      if (servicename === undefined || serviceport === undefined) return [];
      return [
        {
          name: servicename,
          port: Number.isInteger(Number(serviceport)) ? Number(serviceport) : serviceport,
        },
      ];
    });
  } catch {
    return [];
  }
}
