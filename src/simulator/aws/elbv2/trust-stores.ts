import type {
  CreateTrustStoreInput,
  CreateTrustStoreOutput,
  DeleteTrustStoreInput,
  DescribeTrustStoresInput,
  DescribeTrustStoresOutput,
  TrustStore as SdkTrustStore,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import { elbId } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { arn, type TrustStore } from '../state.ts';
import { addTags } from '../tags.ts';
import { elbPage } from './paging.ts';
import { findTrustStore, visible } from './lookup.ts';

export function createTrustStore(input: CreateTrustStoreInput, context: CallContext): CreateTrustStoreOutput {
  const { state, knobs } = context;
  const name = input.Name ?? '';
  if (!/^([a-zA-Z0-9]+-)*[a-zA-Z0-9]+$/.test(name) || name.length > 32)
    throw validationError(`Trust store name '${name}' is not valid`);
  if ([...state.trustStores.values()].some((other) => other.name === name)) {
    throw new SimulatedError(
      'DuplicateTrustStoreName',
      `A trust store with the same name '${name}' already exists`,
    );
  }
  const limit = knobs.quotas['trust-stores'];
  if (state.trustStores.size >= limit)
    throw new SimulatedError('TooManyTrustStores', `At most ${limit} trust stores are allowed`);
  const store: TrustStore = {
    arn: arn(state, 'elasticloadbalancing', `truststore/${name}/${elbId(state.ids)}`),
    name,
    createdAt: context.now,
    caCertificates: 1,
  };
  state.trustStores.set(store.arn, store);
  addTags(context, store.arn, input.Tags);
  return { TrustStores: [render(store)] };
}

export function deleteTrustStore(input: DeleteTrustStoreInput, context: CallContext): object {
  const store = findTrustStore(context, input.TrustStoreArn);
  const used = [...context.state.listeners.values()].some(
    (item) => item.mutualAuthentication?.TrustStoreArn === store.arn,
  );
  if (used) throw new SimulatedError('TrustStoreInUse', `Trust store '${store.arn}' is in use by a listener`);
  context.state.trustStores.delete(store.arn);
  return {};
}

export function describeTrustStores(
  input: DescribeTrustStoresInput,
  context: CallContext,
): DescribeTrustStoresOutput {
  const { TrustStoreArns: arns = [], Names: names = [] } = input;
  const all = visible(context, context.state.trustStores);
  const named = names.map((name) => all.find((store) => store.name === name));
  if (named.includes(undefined))
    throw new SimulatedError('TrustStoreNotFound', 'One or more trust stores not found');
  const byArn = arns.map((item) => findTrustStore(context, item));
  const chosen =
    names.length + arns.length === 0 ? all : [...byArn, ...named.filter((store) => store !== undefined)];
  const { items, NextMarker } = elbPage(chosen, input, context);
  return { TrustStores: items.map(render), NextMarker };
}

const render = (store: TrustStore): SdkTrustStore => ({
  Name: store.name,
  TrustStoreArn: store.arn,
  Status: 'ACTIVE',
  NumberOfCaCertificates: store.caCertificates,
  TotalRevokedEntries: 0,
});
