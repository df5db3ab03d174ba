import type { Ingress, IngressClass } from '../core/domain/cluster.ts';
import { DecodeError } from './decode/decode-error.ts';
import { decoderOf } from './decode/decode-object.ts';
import { KubeError } from './kube-error.ts';
import { objectPath } from './kinds.ts';
import { listPages } from './list-pages.ts';
import type { KubeTransport } from './transport.ts';

/** What admission reads by itself, past the reflectors: an object that was written a moment ago must count already. */
export type AdmissionReads = {
  /** Undefined for what the reflectors could not decode either. */
  readonly decodeIngress: (raw: unknown) => Ingress | undefined;
  /** Undefined: there is none. @throws KubeError */
  readonly readClass: (
    name: string,
    options: { readonly signal: AbortSignal },
  ) => Promise<IngressClass | undefined>;
  /** Every TargetGroupBinding as it is stored; none where its definition is not installed. @throws KubeError */
  readonly listBindings: (options: { readonly signal: AbortSignal }) => Promise<readonly unknown[]>;
};

const bindings = '/apis/elbv2.k8s.aws/v1beta1/targetgroupbindings';

export function admissionReads(transport: KubeTransport): AdmissionReads {
  const decodeIngress = decoderOf('Ingress');
  const decodeClass = decoderOf('IngressClass');
  return {
    decodeIngress: (raw) => {
      try {
        return decodeIngress(raw);
      } catch (error) {
        if (error instanceof DecodeError) return undefined;
        throw error;
      }
    },
    readClass: async (name, { signal }) => {
      try {
        const path = objectPath('IngressClass', { namespace: '', name });
        const operation = `get IngressClass ${name}`;
        return decodeClass(await transport.call({ method: 'GET', path, operation, signal }));
      } catch (error) {
        if (error instanceof KubeError && error.kind === 'notFound') return undefined;
        throw error;
      }
    },
    listBindings: async ({ signal }) => {
      const found: unknown[] = [];
      try {
        const operation = 'list TargetGroupBindings';
        await listPages(transport, { path: bindings, operation, signal }, (raw) => void found.push(raw));
      } catch (error) {
        if (!(error instanceof KubeError && error.kind === 'notFound')) throw error;
      }
      return found;
    },
  };
}
