import {
  DeleteDashboards$,
  GetDashboard$,
  ListDashboards$,
  PutDashboard$,
  type DeleteDashboardsInput,
  type GetDashboardInput,
  type GetDashboardOutput,
  type ListDashboardsInput,
  type ListDashboardsOutput,
  type PutDashboardInput,
  type PutDashboardOutput,
} from '@aws-sdk/client-cloudwatch';
import { SimulatedError } from '../errors.ts';
import { operation, type CallContext, type Service } from '../operation.ts';
import { page } from '../paging.ts';
import type { Dashboard } from '../state.ts';

/** CloudWatch dashboards. They belong to the account, not to a region. */
export const cloudwatch: Service = {
  name: 'cloudwatch',
  signingName: 'monitoring',
  protocol: 'json',
  xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  target: 'GraniteServiceVersion20100801',
  queryErrorCodes: {
    DashboardNotFoundError: 'ResourceNotFound',
    DashboardInvalidInputError: 'InvalidParameterInput',
  },
  operations: {
    PutDashboard: operation(PutDashboard$, putDashboard),
    GetDashboard: operation(GetDashboard$, getDashboard),
    ListDashboards: operation(ListDashboards$, listDashboards),
    DeleteDashboards: operation(DeleteDashboards$, deleteDashboards),
  },
};

const invalid = (message: string): SimulatedError =>
  new SimulatedError('DashboardInvalidInputError', message);
const notFound = (name: string): SimulatedError =>
  new SimulatedError('DashboardNotFoundError', `Dashboard ${name} does not exist`, 404);

const arnOf = ({ state }: CallContext, name: string): string =>
  `arn:${state.partition}:cloudwatch::${state.account}:dashboard/${name}`;

function putDashboard(input: PutDashboardInput, context: CallContext): PutDashboardOutput {
  const { DashboardName: name = '', DashboardBody: body = '' } = input;
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    throw invalid(`The name '${name}' is invalid: 1 to 255 of A-Z, a-z, 0-9, _ and -`);
  checkBody(body);
  context.state.dashboards.set(name, { name, body, modifiedAt: context.now });
  return { DashboardValidationMessages: [] };
}

const widgetTypes = ['metric', 'text', 'log', 'alarm', 'explorer', 'chart', 'custom'];

/** The structure CloudWatch insists on. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function checkBody(body: string): void {
  const { widgets } = parse(body);
  if (!Array.isArray(widgets)) throw invalid('The field "widgets" must be an array');
  if (widgets.length > 500) throw invalid(`A dashboard can have at most 500 widgets; got ${widgets.length}`);
  for (const [index, widget] of (widgets as readonly Record<string, unknown>[]).entries()) {
    if (!widgetTypes.includes(String(widget['type'])))
      throw invalid(`/widgets/${index}/type must be one of ${widgetTypes.join(', ')}`);
    if (typeof widget['properties'] !== 'object')
      throw invalid(`/widgets/${index}/properties must be an object`);
    for (const [field, min, max] of [
      ['x', 0, 23],
      ['y', 0, Infinity],
      ['width', 1, 24],
      ['height', 1, 1000],
    ] as const) {
      const value = widget[field];
      if (value !== undefined && !(typeof value === 'number' && value >= min && value <= max)) {
        throw invalid(`/widgets/${index}/${field} must be between ${min} and ${max}`);
      }
    }
  }
}

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below, like any other body that is not an object.
  }
  throw invalid('The field DashboardBody must be a valid JSON object');
}

function getDashboard(
  { DashboardName: name = '' }: GetDashboardInput,
  context: CallContext,
): GetDashboardOutput {
  const dashboard = context.state.dashboards.get(name);
  if (dashboard === undefined) throw notFound(name);
  return { DashboardArn: arnOf(context, name), DashboardBody: dashboard.body, DashboardName: name };
}

function listDashboards(input: ListDashboardsInput, context: CallContext): ListDashboardsOutput {
  const prefix = input.DashboardNamePrefix ?? '';
  const found = [...context.state.dashboards.values()].filter(({ name }) => name.startsWith(prefix));
  const { items, nextMarker } = page(found, { marker: input.NextToken, size: undefined, defaultSize: 1000 });
  return { DashboardEntries: items.map((item) => renderEntry(item, context)), NextToken: nextMarker };
}

const renderEntry = (
  { name, body, modifiedAt }: Dashboard,
  context: CallContext,
): NonNullable<ListDashboardsOutput['DashboardEntries']>[number] => ({
  DashboardName: name,
  DashboardArn: arnOf(context, name),
  LastModified: new Date(modifiedAt),
  Size: Buffer.byteLength(body),
});

function deleteDashboards(input: DeleteDashboardsInput, { state }: CallContext): object {
  const names = input.DashboardNames ?? [];
  for (const name of names) if (!state.dashboards.has(name)) throw notFound(name);
  for (const name of names) state.dashboards.delete(name);
  return {};
}
