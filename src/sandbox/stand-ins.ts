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

/** NodePort Services, so that both target modes work, for Services that backends, forward actions and bindings name and nobody has. */
export function serviceStandIns(objects: readonly ClusterObject[]): readonly StandIn[] {
  const present = namesOf(objects, 'Service');
  const wanted = new Map<string, { namespace: string; name: string; ports: Map<string, number> }>();
  for (const object of objects) {
    for (const { name, port } of servicesOf(object)) {
      const { namespace } = object.meta;
      if (present.has(`${namespace}/${name}`)) continue;
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

const namesOf = (objects: readonly ClusterObject[], kind: ClusterObject['kind']): ReadonlySet<string> =>
  new Set(
    objects
      .filter((object) => object.kind === kind)
      .map(({ meta: { namespace, name } }) => `${namespace}/${name}`),
  );

/** Secrets of OIDC providers that nobody has: a secret is what manifests seldom hold. */
export function secretStandIns(objects: readonly ClusterObject[]): readonly StandIn[] {
  const present = namesOf(objects, 'Secret');
  const named = objects.flatMap(({ kind, meta }) =>
    kind === 'Ingress'
      ? secretNames(meta.annotations).map((name) => ({ namespace: meta.namespace, name }))
      : [],
  );
  return named
    .filter(({ namespace, name }) => !present.has(`${namespace}/${name}`))
    .map((metadata) => ({
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        stringData: { clientID: 'stand-in', clientSecret: 'stand-in' },
      },
      note: `Secret ${metadata.namespace}/${metadata.name}: no file has it`,
    }));
}

function secretNames(annotations: Readonly<Record<string, string>>): readonly string[] {
  const provider = annotations['alb.ingress.kubernetes.io/auth-idp-oidc'];
  const [, name] = /"secretname"\s*:\s*"([a-z0-9.-]+)"/i.exec(provider ?? '') ?? [];
  return name === undefined ? [] : [name];
}

function servicesOf(object: ClusterObject): readonly ServicePortRef[] {
  if (object.kind === 'Ingress') return servicesOfIngress(object);
  if (object.kind !== 'TargetGroupBinding') return [];
  const { name, port } = object.service;
  return [{ name, port: port.kind === 'number' ? port.number : port.name }];
}

function servicesOfIngress(ingress: Ingress): readonly ServicePortRef[] {
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
