import type { EndpointSlice } from '../../../src/core/domain/cluster.ts';
import { meta } from '../../support/builders.ts';

type Endpoint = EndpointSlice['endpoints'][number];

/** Pod `web/front-n` on node `a`. */
export const endpoint = (n: number, overrides: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [`10.0.0.${n}`],
  ready: true,
  serving: true,
  terminating: false,
  nodeName: 'a',
  zone: undefined,
  pod: { namespace: 'web', name: `front-${n}`, uid: `uid-${n}` },
  ...overrides,
});

/** A slice of Service `web/front`. */
export const namedSlice = (id: string, ...endpoints: readonly Endpoint[]): EndpointSlice => ({
  kind: 'EndpointSlice',
  meta: meta('EndpointSlice', id),
  serviceName: 'front',
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints,
});

/** The slice that all pods of the Service are in. */
export const frontSlice = (...endpoints: readonly Endpoint[]): EndpointSlice =>
  namedSlice('web/front-1', ...endpoints);
