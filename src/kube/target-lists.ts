import { KubeError } from './kube-error.ts';
import type { KubeTransport } from './transport.ts';
import { Field } from './decode/field.ts';

type List = { readonly namespace: string; readonly binding: string };
type Options = { readonly signal: AbortSignal };

/** Lists of the targets that this cluster has in target groups which clusters share. Sets of `id port`. */
export type TargetLists = {
  /** Empty where there is no list. @throws KubeError */
  readonly read: (list: List, options: Options) => Promise<ReadonlySet<string>>;
  /** @throws KubeError */
  readonly store: (list: List, targets: ReadonlySet<string>, options: Options) => Promise<void>;
  /** One that is gone by now is done. @throws KubeError */
  readonly drop: (list: List, options: Options) => Promise<void>;
};

/** ConfigMaps named and written as ALBC's (albc-behaviour §7.7), so that each controller goes on with the other's. */
export function targetLists(transport: KubeTransport): TargetLists {
  const call = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    list: List,
    { signal, body }: Options & { readonly body?: object },
  ): Promise<unknown> =>
    transport.call({
      method,
      path: method === 'POST' ? folder(list) : `${folder(list)}/${nameOf(list)}`,
      ...(body === undefined ? {} : { body }),
      ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
      operation: `${method} ConfigMap ${list.namespace}/${nameOf(list)}`,
      signal,
    });
  return {
    read: async (list, options) => {
      try {
        return parsed(new Field(await call('GET', list, options)).at('data').at('targets').textOr(''));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return new Set();
      }
    },
    store: async (list, targets, options) => {
      const data = { targets: rendered(targets) };
      try {
        await call('PATCH', list, { ...options, body: { data } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        const metadata = { name: nameOf(list), namespace: list.namespace };
        await call('POST', list, {
          ...options,
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
        });
      }
    },
    drop: async (list, options) => {
      try {
        await call('DELETE', list, options);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

const isNotFound = (error: unknown): boolean => error instanceof KubeError && error.kind === 'notFound';
const folder = ({ namespace }: List): string => `/api/v1/namespaces/${namespace}/configmaps`;
const nameOf = ({ binding }: List): string => `aws-lbc-targets-${binding}`;

/** `10.0.0.1:80,i-0123:30080`, and addresses of IPv6 without brackets: the last colon divides. */
function parsed(text: string): ReadonlySet<string> {
  const items = text.split(',').filter((item) => item !== '');
  return new Set(items.map((item) => item.replace(/:(\d+)$/, ' $1')));
}

/** In the order of the addresses' numbers, which is how people look for them. */
function rendered(targets: ReadonlySet<string>): string {
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return [...targets]
    .toSorted(compare)
    .map((target) => target.replace(' ', ':'))
    .join(',');
}
