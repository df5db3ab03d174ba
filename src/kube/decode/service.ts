import type { PortReference, Service, ServicePort } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { intern } from './intern.ts';
import { decodeMeta } from './meta.ts';

/** v1 Service, with the API server's defaults for what a manifest leaves out. */
export function decodeService(object: Field): Service {
  const spec = object.at('spec');
  const selector = spec.at('selector').texts();
  const families = spec.at('ipFamilies').list((family) => family.oneOf(['IPv4', 'IPv6']));
  return {
    kind: 'Service',
    meta: decodeMeta(object.at('metadata'), { scope: 'namespaced' }),
    type: spec.at('type').oneOf(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], 'ClusterIP'),
    ports: spec.at('ports').list(servicePort),
    // An empty selector selects nothing: somebody else fills in the endpoints, as with an absent one.
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    ipFamilies: families.length === 0 ? ['IPv4'] : families,
    externalTrafficPolicy: spec.at('externalTrafficPolicy').oneOf(['Cluster', 'Local'], 'Cluster'),
    headless: spec.at('clusterIP').optionalText() === 'None',
  };
}

function servicePort(field: Field): ServicePort {
  const port = field.at('port').integer();
  const nodePort = field.at('nodePort').optionalInteger() ?? 0;
  return {
    name: intern(field.at('name').textOr('')),
    port,
    targetPort: targetPort(field.at('targetPort'), port),
    nodePort: nodePort === 0 ? undefined : nodePort,
    protocol: intern(field.at('protocol').textOr('TCP')),
    appProtocol: field.at('appProtocol').optionalText(),
  };
}

/** Absent, 0 and '' all stand for the port itself. */
function targetPort(field: Field, port: number): PortReference {
  const value = field.present ? field.integerOrText() : port;
  if (typeof value === 'number') return { kind: 'number', number: value === 0 ? port : value };
  return value === '' ? { kind: 'number', number: port } : { kind: 'name', name: value };
}
