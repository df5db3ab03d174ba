import type { Endpoint, EndpointSlice } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { intern } from './intern.ts';
import { decodeMeta } from './meta.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/** discovery.k8s.io/v1 EndpointSlice. Annotations and labels other than the Service's name are dropped. */
export function decodeEndpointSlice(object: Field): EndpointSlice {
  const meta = decodeMeta(object.at('metadata'), {
    scope: 'namespaced',
    keepAnnotation: () => false,
    keepLabel: (key) => key === serviceNameLabel,
  });
  return {
    kind: 'EndpointSlice',
    meta,
    serviceName: meta.labels[serviceNameLabel] ?? '',
    addressType: object.at('addressType').oneOf(['IPv4', 'IPv6', 'FQDN']),
    ports: object.at('ports').list((port) => ({
      name: intern(port.at('name').textOr('')),
      port: port.at('port').optionalInteger(),
      protocol: intern(port.at('protocol').textOr('TCP')),
    })),
    endpoints: object.at('endpoints').list(endpoint),
  };
}

function endpoint(field: Field): Endpoint {
  const conditions = field.at('conditions');
  const target = field.at('targetRef');
  const ready = conditions.at('ready').flag(true);
  return {
    addresses: field.at('addresses').list((address) => address.text()),
    ready,
    // Writers that know nothing of `serving` mean it to follow `ready`.
    serving: conditions.at('serving').flag(ready),
    terminating: conditions.at('terminating').flag(false),
    nodeName: field.at('nodeName').optional((name) => intern(name.text())),
    zone: field.at('zone').optional((zone) => intern(zone.text())),
    pod:
      target.at('kind').optionalText() === 'Pod'
        ? {
            namespace: intern(target.at('namespace').textOr('')),
            name: target.at('name').text(),
            uid: target.at('uid').textOr(''),
          }
        : undefined,
  };
}
